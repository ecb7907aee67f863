@rem `npm start` begins with the word exec, so that on Unix no shell stands between npm and Tincan: Ctrl-C, and a
@rem signal sent to npm, reach Tincan, and its exit status is what npm answers with. Windows has no such word; here it is.
@%*
