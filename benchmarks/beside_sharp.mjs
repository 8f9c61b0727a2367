// Renders what PixelCraft's standard recipe renders, with sharp: one picture for each line read.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const sharp = createRequire(`${process.argv[2]}/`)('sharp');
sharp.cache(false);
sharp.concurrency(1);

async function render({ source, thumbnail, preview, effort }) {
  const picture = sharp(source).autoOrient();
  await picture.clone().resize(200, 200).webp({ quality: 80, effort }).toFile(thumbnail);
  await picture
    .clone()
    .resize({ width: 800, withoutEnlargement: true })
    .webp({ quality: 85, effort })
    .toFile(preview);
}

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  const before = process.cpuUsage();
  let failure = null;
  try {
    await render(order);
  } catch (error) {
    failure = error.message;
  }
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ cpu_us: user + system, failure }));
}
