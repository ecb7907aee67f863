// What Chromium is told where the window is ours: Electron's, and the one that the browser shell opens.

/** Codes name real addresses, not mDNS names that a stateful firewall between two networks cannot resolve. */
export const featuresOff = 'WebRtcHideLocalIpsWithMdns';

/**
 * Chromium's allocator hands memory that was just freed back to the system, and the process that reads packets takes it again
 * for the next packet: a tenth of the processor time of a fast transfer. These let it keep a little more.
 */
export const featuresOn = 'PartitionAllocLargeEmptySlotSpanRing,PartitionAllocAdjustSizeWhenInForeground';
