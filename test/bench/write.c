/*
 * What a program in C takes to write the files that a fleet is rendered to: the measure for
 * `npm run bench`. Reads a list (for each file "MODE LENGTH PATH\n", then so many bytes; the first
 * component of a path is the host) and writes the files below a directory. With `careful` as
 * macvtap-render does: each directory created, synced in the one above and opened without following a
 * link; the files of a host under temporary names, with their mode before the first byte, synced;
 * their directories synced; each file renamed to a name that is not taken, and its directory synced.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST = 256, LONGEST = 4096 };

static int careful;
static struct { char path[LONGEST]; int fd; } folders[MOST];
static int folder_count;
static struct { int folder; char name[256], temporary[272]; } files[MOST];
static int file_count;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/* The index of a directory of the host, created with all that leads to it. */
static int folder_of(const char *path, size_t length) {
  if (length == 0) return 0;
  for (int i = 1; i < folder_count; i++)
    if (strlen(folders[i].path) == length && memcmp(folders[i].path, path, length) == 0) return i;
  size_t above_length = length - 1;
  while (above_length > 0 && path[above_length] != '/') above_length--;
  int above = folder_of(path, above_length);
  char name[256];
  const char *begin = path + above_length + (above_length > 0);
  snprintf(name, sizeof name, "%.*s", (int)(path + length - begin), begin);
  if (mkdirat(folders[above].fd, name, 0755)) fail(path);
  if (careful && fsync(folders[above].fd)) fail(path);
  if (folder_count == MOST) exit(3);
  int fd = openat(folders[above].fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) fail(path);
  snprintf(folders[folder_count].path, LONGEST, "%.*s", (int)length, path);
  folders[folder_count].fd = fd;
  return folder_count++;
}

/* Every file of the host is written: they are put in place, and its directories closed. */
static void end_host(void) {
  if (careful) {
    for (int i = 1; i < folder_count; i++)
      if (fsync(folders[i].fd)) fail(folders[i].path);
    for (int i = 0; i < file_count; i++) {
      int fd = folders[files[i].folder].fd;
      if (renameat2(fd, files[i].temporary, fd, files[i].name, RENAME_NOREPLACE)) fail(files[i].name);
      if (fsync(fd)) fail(files[i].name);
    }
  }
  for (int i = 1; i < folder_count; i++) close(folders[i].fd);
  folder_count = 1;
  file_count = 0;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  careful = argc > 3 && strcmp(argv[3], "careful") == 0;
  FILE *list = fopen(argv[1], "r");
  if (!list) fail(argv[1]);
  folders[0].fd = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folders[0].fd < 0) fail(argv[2]);
  folder_count = 1;
  unsigned mode;
  size_t length, room = 0;
  char path[LONGEST], host[256] = "", *text = NULL;
  umask(022);
  while (fscanf(list, "%o %zu %4095[^\n]", &mode, &length, path) == 3) {
    fgetc(list);
    if (length > room && !(text = realloc(text, room = length))) fail("memory");
    if (fread(text, 1, length, list) != length) fail(argv[1]);
    size_t host_length = strcspn(path, "/");
    if (strlen(host) != host_length || memcmp(host, path, host_length) != 0) {
      end_host();
      snprintf(host, sizeof host, "%.*s", (int)host_length, path);
    }
    if (file_count == MOST) return 3;
    const char *name = strrchr(path, '/') + 1;
    int folder = folder_of(path, name - 1 - path);
    files[file_count].folder = folder;
    snprintf(files[file_count].name, sizeof files[0].name, "%s", name);
    snprintf(files[file_count].temporary, sizeof files[0].temporary, ".%.255s.new", name);
    int fd = openat(folders[folder].fd, careful ? files[file_count].temporary : name,
                    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) fail(path);
    if (fchmod(fd, mode)) fail(path);
    if (write(fd, text, length) != (ssize_t)length) fail(path);
    if (careful && fsync(fd)) fail(path);
    if (close(fd)) fail(path);
    file_count++;
  }
  end_host();
  return 0;
}
