// A program as users of simple_blitline_node write it.
'use strict';

const Blitline = require('simple_blitline_node');
const blitline = new Blitline();

blitline.addJob(JSON.parse(process.env.JOB));
blitline.addJob({application_id: 'nobody', src: 'http://127.0.0.1/x.jpg', functions: [{name: 'no_op', save: {image_identifier: 'x'}}]});
blitline.postJobs().then((reply) => {
  console.log(JSON.stringify(reply));
  process.exit(0); // its agent would keep the connection
});
