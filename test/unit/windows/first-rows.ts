/** Rows of a window of jobs as the first versions of its store wrote them. */

/** Names the job as its window does: by its id and when it was accepted. */
export interface FirstJob {
  readonly id: string;
  readonly job: string;
}

const entry = ({ id, job }: FirstJob, seq: number, at: number) => ({
  id,
  job,
  createdAt: at,
  tenant: "acme",
  request: '{"model":"embed","input":"x"}',
  cacheControl: null,
  metadata: {},
  items: 1,
  tokens: 1,
  longest: 1,
  sendBy: at + 86_400_000,
  completeBy: at + 86_400_000,
  seq,
  addedAt: at,
});

const spec = { route: "embed", target: "targets[0]=a/b", task: "embeddings", parameters: {} };

/** Jobs that all came at `at`: a group of four whose first run is under way, and one that waits. */
export const windowRows = (at: number, jobs: readonly FirstJob[]): readonly [string, object][] => {
  const entries = jobs.map((job, seq) => entry(job, seq, at));
  return [
    ["group:0", { version: 1, spec, entries: entries.slice(0, 4) }],
    ["group:1", { version: 1, spec, entries: entries.slice(4) }],
    [
      "head",
      {
        version: 1,
        born: at,
        next: 5,
        waiting: [4],
        batches: [
          {
            id: "mywpiww0-0",
            seqs: [0, 1, 2, 3],
            runs: 1,
            lostRun: null,
            phase: { kind: "leased", leasedAt: at + 20, leaseUntil: at + 30_020 },
          },
        ],
      },
    ],
  ];
};

/** The same as the second version wrote them. */
export const secondWindowRows = (at: number, jobs: readonly FirstJob[]): readonly [string, object][] =>
  windowRows(at, jobs).map(([key, row]) => {
    const { batches, ...others } = row as { readonly batches?: readonly object[] };
    return [key, { ...others, version: 2, ...(batches && { groups: batches }) }];
  });
