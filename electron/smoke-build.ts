// The package that a test driver may click in. Its name stands in the packed package.json, which nobody changes from
// outside, and it is never published.

export const smokeBuildName = 'Tincan smoke test';
