// What `npm test` says last: the tests that failed or needed a second try, each with the first line of its reason, and the
// counts of all runs.

/** `reports` are what vitest's JSON reporter writes. */
export function testSummary(reports) {
  const files = reports.flatMap((report) => report.testResults);
  const sum = (name) => reports.reduce((total, report) => total + report[name], 0);
  const counts = `${sum('numPassedTests')} passed, ${sum('numFailedTests')} failed, ${sum('numPendingTests')} skipped`;
  return [...files.flatMap(retriedIn), ...files.flatMap(failedIn), counts];
}

/** What passed in the end keeps the reasons of its earlier tries. */
function retriedIn(file) {
  const isRetried = ({ status, failureMessages }) => status === 'passed' && failureMessages.length > 0;
  return file.assertionResults.filter(isRetried).map((test) => line('PASSED AT THE SECOND TRY', file, test));
}

function failedIn(file) {
  const lines = file.assertionResults
    .filter(({ status }) => status === 'failed')
    .map((test) => line('FAILED', file, test));
  // A file that could not be loaded, or whose hooks failed, has failed without a failed test.
  return lines.length === 0 && file.status === 'failed' ? [`FAILED ${file.name}\n  ${firstLine(file.message)}`] : lines;
}

function line(what, file, test) {
  return `${what} ${file.name}: ${test.fullName}\n  ${firstLine(test.failureMessages[0])}`;
}

function firstLine(text = '') {
  return text.split('\n', 1)[0];
}
