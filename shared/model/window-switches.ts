// What Chromium is told where the window is ours: Electron's, and the one that the browser shell opens.

/** Codes name real addresses, not mDNS names that a stateful firewall between two networks cannot resolve. */
const hiddenAddresses = 'WebRtcHideLocalIpsWithMdns';

/**
 * With it Chromium 156 compiles the page's scripts anew at every start, and does not take the compiled code that it kept of them
 * (seen in traces; docs/ELECTRON.md): the first screen comes some fifty milliseconds later.
 */
const fetchInBackground = 'BackgroundResourceFetch';

export const featuresOff = [hiddenAddresses, fetchInBackground].join();

/**
 * Chromium's allocator hands memory that was just freed back to the system, and the process that reads packets takes it again
 * for the next packet: a tenth of the processor time of a fast transfer. These let it keep a little more.
 */
export const featuresOn = 'PartitionAllocLargeEmptySlotSpanRing,PartitionAllocAdjustSizeWhenInForeground';
