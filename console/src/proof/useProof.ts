import { useQuery } from '@tanstack/react-query';
import type { ApiError } from '~/api/client';
import { type Proof, prove } from './verify';

/** A proof once made stays true: it is not asked again when the data changes. A record just written waits for the next checkpoint, a second at most. */
export const useProof = (seq: number | null) =>
  useQuery<Proof, ApiError>({ queryKey: ['proof', seq], enabled: seq !== null && seq > 0, staleTime: Number.POSITIVE_INFINITY, retry: 3, retryDelay: 800, queryFn: () => prove(seq ?? 0) });
