// What `npm test` says last: the tests that failed, each with the first line of its reason, and the counts of all runs.

/** `reports` are what vitest's JSON reporter writes. */
export function testSummary(reports) {
  const failed = reports.flatMap((report) => report.testResults.flatMap(failedIn));
  const sum = (name) => reports.reduce((total, report) => total + report[name], 0);
  const counts = `${sum('numPassedTests')} passed, ${sum('numFailedTests')} failed, ${sum('numPendingTests')} skipped`;
  return [...failed, counts];
}

function failedIn(file) {
  const tests = file.assertionResults.filter(({ status }) => status === 'failed');
  const lines = tests.map((test) => `FAILED ${file.name}: ${test.fullName}\n  ${firstLine(test.failureMessages[0])}`);
  // A file that could not be loaded, or whose hooks failed, has failed without a failed test.
  return lines.length === 0 && file.status === 'failed' ? [`FAILED ${file.name}\n  ${firstLine(file.message)}`] : lines;
}

function firstLine(text = '') {
  return text.split('\n', 1)[0];
}
