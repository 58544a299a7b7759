/** The services that run as processes of their own. */
export const SERVICE_NAMES = ['scheduler', 'distributor', 'processor', 'autoscaler', 'api'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];
