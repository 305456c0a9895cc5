/* What libvips can do at most: threads that take JPEGs from memory, shrink them while reading by the largest power of two
 * that fits, resize with Lanczos 3, and encode a JPEG. It knows nothing of orientation, colour profiles, alpha or
 * hostile files, and is what the renderers are measured against.
 *
 *   cloop THREADS COUNT WIDTH HEIGHT MODE OUT FILE...
 *
 * MODE is fit or fill, or fit-full and fill-full, which are the same without the shrinking. OUT is - or a PNG to write the first result to.
 * It prints the seconds that COUNT pictures took. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <vips/vips.h>

static int count, width, height, fill, full;
static const char *out;
static int files;
static char **bytes;
static gsize *sizes;
static atomic_int next;

static void fail(const char *doing) {
  fprintf(stderr, "%s: %s\n", doing, vips_error_buffer());
  exit(1);
}

static int picture(int index) {
  char *data = bytes[index % files];
  gsize size = sizes[index % files];
  VipsImage *head, *in, *resized, *result;
  if (vips_jpegload_buffer(data, size, &head, NULL))
    fail("read header");
  double x = (double)width / head->Xsize, y = (double)height / head->Ysize;
  double factor = fill ? VIPS_MAX(x, y) : VIPS_MIN(x, y);
  int w = (int)(head->Xsize * factor + 0.5), h = (int)(head->Ysize * factor + 0.5);
  g_object_unref(head);
  int shrink = 1;
  while (!full && shrink < 8 && shrink * 2 <= 1 / factor)
    shrink *= 2;
  if (vips_jpegload_buffer(data, size, &in, "shrink", shrink, "access", VIPS_ACCESS_SEQUENTIAL, "fail", TRUE, NULL))
    fail("decode");
  if (vips_resize(in, &resized, (double)w / in->Xsize, "vscale", (double)h / in->Ysize, NULL))
    fail("resize");
  g_object_unref(in);
  if (fill) {
    if (vips_extract_area(resized, &result, (w - width) / 2, (h - height) / 2, width, height, NULL))
      fail("crop");
    g_object_unref(resized);
  } else
    result = resized;
  if (index == 0 && strcmp(out, "-")) {
    if (vips_pngsave(result, out, NULL))
      fail("write");
  } else {
    void *encoded;
    size_t length;
    if (vips_jpegsave_buffer(result, &encoded, &length, "Q", 80, "strip", TRUE, "optimize_coding", TRUE, NULL))
      fail("encode");
    g_free(encoded);
  }
  g_object_unref(result);
  return 0;
}

static void *work(void *unused) {
  for (;;) {
    int index = atomic_fetch_add(&next, 1);
    if (index >= count)
      break;
    picture(index);
  }
  vips_thread_shutdown();
  return unused;
}

int main(int argc, char **argv) {
  if (argc < 8 || VIPS_INIT(argv[0]))
    return 1;
  vips_concurrency_set(1);
  vips_cache_set_max(0);
  int threads = atoi(argv[1]);
  count = atoi(argv[2]);
  width = atoi(argv[3]);
  height = atoi(argv[4]);
  fill = !strncmp(argv[5], "fill", 4);
  full = strstr(argv[5], "-full") != NULL;
  out = argv[6];
  files = argc - 7;
  bytes = calloc(files, sizeof *bytes);
  sizes = calloc(files, sizeof *sizes);
  for (int i = 0; i < files; i++)
    if (!g_file_get_contents(argv[7 + i], &bytes[i], &sizes[i], NULL))
      return 1;
  struct timespec begun, ended;
  clock_gettime(CLOCK_MONOTONIC, &begun);
  pthread_t *workers = calloc(threads, sizeof *workers);
  for (int i = 0; i < threads; i++)
    pthread_create(&workers[i], NULL, work, NULL);
  for (int i = 0; i < threads; i++)
    pthread_join(workers[i], NULL);
  clock_gettime(CLOCK_MONOTONIC, &ended);
  printf("%.6f\n", (ended.tv_sec - begun.tv_sec) + (ended.tv_nsec - begun.tv_nsec) / 1e9);
  fflush(stdout);
  _exit(0); /* libvips' own threads are not done yet, and must not meet what exit takes down */
}
