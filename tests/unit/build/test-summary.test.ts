import { expect, test } from 'vitest';
import { testSummary } from '../../../build/test-summary.mjs';

const passed = { status: 'passed', fullName: 'a file arrives', failureMessages: [] };

function report({
  files = [],
  passedTests = 0,
  failedTests = 0,
  skippedTests = 0,
}: {
  files?: unknown[];
  passedTests?: number;
  failedTests?: number;
  skippedTests?: number;
}) {
  return {
    testResults: files,
    numPassedTests: passedTests,
    numFailedTests: failedTests,
    numPendingTests: skippedTests,
  };
}

test('the counts of all runs stand in one line', () => {
  const files = [{ name: 'a.test.ts', status: 'passed', message: '', assertionResults: [passed] }];
  const lines = testSummary([report({ files, passedTests: 1, skippedTests: 2 }), report({ passedTests: 3 })]);
  expect(lines).toEqual(['4 passed, 0 failed, 2 skipped']);
});

test('each failed test stands before the counts, with the first line of its reason', () => {
  const failed = {
    status: 'failed',
    fullName: 'a cable is cut',
    failureMessages: ['Error: not healed\n    at link.ts:1'],
  };
  const files = [{ name: 'heal.test.ts', status: 'failed', message: '', assertionResults: [passed, failed] }];
  expect(testSummary([report({ files, passedTests: 1, failedTests: 1 })])).toEqual([
    'FAILED heal.test.ts: a cable is cut\n  Error: not healed',
    '1 passed, 1 failed, 0 skipped',
  ]);
});

test('a test that needed a second try is named', () => {
  const retried = {
    status: 'passed',
    fullName: 'a cable is cut',
    failureMessages: ['Error: not healed\n    at link.ts:1'],
  };
  const files = [{ name: 'heal.test.ts', status: 'passed', message: '', assertionResults: [passed, retried] }];
  expect(testSummary([report({ files, passedTests: 2 })])).toEqual([
    'PASSED AT THE SECOND TRY heal.test.ts: a cable is cut\n  Error: not healed',
    '2 passed, 0 failed, 0 skipped',
  ]);
});

test('a file that could not be loaded is named too', () => {
  const files = [{ name: 'broken.test.ts', status: 'failed', message: 'SyntaxError: here\n', assertionResults: [] }];
  expect(testSummary([report({ files })])).toEqual([
    'FAILED broken.test.ts\n  SyntaxError: here',
    '0 passed, 0 failed, 0 skipped',
  ]);
});
