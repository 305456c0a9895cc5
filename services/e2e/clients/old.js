// A program as users of the first npm package, blitline, wrote it.
'use strict';

const Blitline = require('blitline');
const blitline = new Blitline();

const job = blitline.addJob(process.env.TOKEN, process.env.SRC);
const first = job.addFunction('resize_to_fit', {width: 100}, 'small');
first.addFunction('sepia_tone', null, 'old');
blitline.postJobs((reply) => {
  console.log(reply);
  process.exit(0);
});
