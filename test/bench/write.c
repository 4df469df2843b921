/*
 * What a program in C takes to write the files that a fleet is rendered to: the measure for
 * `npm run bench`. Reads a list (for each file "MODE LENGTH PATH\n", then so many bytes) and writes
 * the files below a directory; with `careful` as macvtap-render does: under another name, synced,
 * renamed, the directory synced.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/* The directory of a path, made with all that leads to it; the last one is kept open. */
static int folder_of(int top, char *path) {
  static char last[4096];
  static int fd = -1;
  char *slash = strrchr(path, '/');
  *slash = 0;
  if (fd < 0 || strcmp(last, path) != 0) {
    if (fd >= 0) close(fd);
    for (char *at = path; (at = strchr(at, '/')); *at++ = '/') {
      *at = 0;
      if (mkdirat(top, path, 0755) && errno != EEXIST) fail(path);
    }
    if (mkdirat(top, path, 0755) && errno != EEXIST) fail(path);
    fd = openat(top, path, O_RDONLY | O_DIRECTORY);
    if (fd < 0) fail(path);
    strcpy(last, path);
  }
  *slash = '/';
  return fd;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  int careful = argc > 3 && strcmp(argv[3], "careful") == 0;
  FILE *list = fopen(argv[1], "r");
  if (!list) fail(argv[1]);
  int top = open(argv[2], O_RDONLY | O_DIRECTORY);
  if (top < 0) fail(argv[2]);
  unsigned mode;
  size_t length;
  char path[4096], temporary[300], *text = NULL;
  size_t room = 0;
  umask(022);
  while (fscanf(list, "%o %zu %4095[^\n]", &mode, &length, path) == 3) {
    fgetc(list);
    if (length > room && !(text = realloc(text, room = length))) fail("memory");
    if (fread(text, 1, length, list) != length) fail(argv[1]);
    int folder = folder_of(top, path);
    const char *name = strrchr(path, '/') + 1;
    snprintf(temporary, sizeof temporary, ".%s.new", name);
    int fd = openat(folder, careful ? temporary : name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0) fail(path);
    if (fchmod(fd, mode)) fail(path);
    if (write(fd, text, length) != (ssize_t)length) fail(path);
    if (careful && fsync(fd)) fail(path);
    if (close(fd)) fail(path);
    if (careful && (renameat(folder, temporary, folder, name) || fsync(folder))) fail(path);
  }
  return 0;
}
