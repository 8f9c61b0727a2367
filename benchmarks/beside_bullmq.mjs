// Works off as many no-op jobs as it is told, with BullMQ, and says how many seconds that took.
import { createRequire } from 'node:module';

const [folder, path, jobs, warmUp] = process.argv.slice(2);
const { Queue, Worker } = createRequire(`${folder}/`)('bullmq');
const connection = { path, maxRetriesPerRequest: null };
const queue = new Queue('pictures', { connection });
const worker = new Worker(
  'pictures',
  async (job) => {
    for (const progress of [0, 25, 50, 75]) await job.updateProgress(progress);
  },
  { connection, concurrency: 2 },
);

// All jobs are there before the first one starts, as they are when a folder has been dropped.
async function work(count) {
  await queue.pause();
  for (let from = 0; from < count; from += 500) {
    const batch = Array.from({ length: Math.min(500, count - from) }, (_, number) => ({
      name: 'picture',
      data: { path: `/pictures/${from + number}.jpg` },
    }));
    await queue.addBulk(batch);
  }
  let completed = 0;
  const all = new Promise((resolve) => {
    worker.on('completed', () => {
      completed += 1;
      if (completed === count) resolve();
    });
  });
  const before = process.hrtime.bigint();
  await queue.resume();
  await all;
  worker.removeAllListeners('completed');
  return Number(process.hrtime.bigint() - before) / 1e9;
}

worker.on('error', (error) => {
  console.error(error);
  process.exit(1);
});
await worker.waitUntilReady();
await work(Number(warmUp));
const seconds = await work(Number(jobs));
const states = await queue.getJobCounts('completed', 'failed', 'active', 'wait');
console.log(JSON.stringify({ seconds, completed: states.completed }));
await worker.close();
await queue.close();
