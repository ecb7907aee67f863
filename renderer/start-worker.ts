// How the page starts its Workers: from files beside it, or from texts inside it.

export type StartWorker = (which: 'engine' | 'scan') => Worker;
