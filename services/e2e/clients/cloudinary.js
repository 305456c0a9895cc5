// What an application does with Cloudinary's own library, which was told nothing but CLOUDINARY_URL.
const cloudinary = require('cloudinary').v2;
const { FILE, HOOK } = process.env;

(async () => {
  const upload = cloudinary.uploader;
  const said = {};
  said.file = await upload.upload(FILE, {
    public_id: 'node/one', tags: ['faces', 'node'], notification_url: HOOK,
    eager: [{ crop: 'fill', width: 150, height: 100 }, { effect: 'sepia', width: '0.5', crop: 'scale', format: 'png' }],
  });
  said.verified = cloudinary.utils.verify_api_response_signature(said.file.public_id, said.file.version, said.file.signature);
  said.chunks = await new Promise((resolve, reject) => {
    upload.upload_large(FILE, { public_id: 'node/large', chunk_size: 5000, resource_type: 'image' }, (error, result) => (error ? reject(error) : resolve(result)));
  });
  said.explicit = await upload.explicit('node/one', { type: 'upload', eager: { width: 40, crop: 'scale' } });
  said.tags = await upload.add_tag('more', ['node/one']);
  said.sprite = await upload.generate_sprite('faces', { width: 60, height: 40, crop: 'fill' });
  said.multi = await upload.multi('faces', { format: 'gif', width: 30, crop: 'scale' });
  said.rename = await upload.rename('node/one', 'node/two');
  said.resource = await cloudinary.api.resource('node/two');
  said.list = await cloudinary.api.resources({ type: 'upload', prefix: 'node/', max_results: 10 });
  said.url = cloudinary.url('node/two', { secure: false, cname: new URL(process.env.BASE).host, width: 33, crop: 'scale', format: 'png' });
  said.destroy = await upload.destroy('node/two');
  said.refused = await upload.upload(FILE, { transformation: { width: 'abc' } }).then(() => null, (error) => error);
  console.log(JSON.stringify(said));
})().catch((error) => { console.error(error); process.exit(1); });
