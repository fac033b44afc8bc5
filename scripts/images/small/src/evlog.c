/*
 * evlog FILE: writes every key event of every input device to FILE, one line each, as it happens:
 *
 *   SECONDS.MICROSECONDS eventN CODE VALUE        (VALUE: 1 down, 0 up, 2 repeated; CODE: linux/input-event-codes.h)
 *
 * So a test can see which keys arrived in the guest, whatever the console does with them. Devices that come
 * later are taken in as well.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define FOLDER "/dev/input"
#define DEVICES 32

static struct pollfd watched[DEVICES + 1]; /* [0] is the folder's inotify */
static char names[DEVICES + 1][32];

static void open_new(void) {
  DIR *folder = opendir(FOLDER);
  if (!folder) return;
  for (struct dirent *entry; (entry = readdir(folder));) {
    if (strncmp(entry->d_name, "event", 5) || strlen(entry->d_name) >= sizeof names[0]) continue;
    int slot = 0;
    for (int i = 1; i <= DEVICES; i++) {
      if (watched[i].fd >= 0 && !strcmp(names[i], entry->d_name)) { slot = -1; break; }
      if (watched[i].fd < 0 && slot == 0) slot = i;
    }
    if (slot < 1) continue;
    char path[sizeof FOLDER + sizeof entry->d_name];
    snprintf(path, sizeof path, FOLDER "/%s", entry->d_name);
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) continue;
    watched[slot].fd = fd;
    watched[slot].events = POLLIN;
    strcpy(names[slot], entry->d_name);
  }
  closedir(folder);
}

/* Returns 0 when the device is gone. */
static int copy_events(int slot, FILE *log) {
  struct input_event events[64];
  ssize_t got;
  while ((got = read(watched[slot].fd, events, sizeof events)) > 0) {
    for (size_t i = 0; i < (size_t)got / sizeof *events; i++) {
      if (events[i].type != EV_KEY) continue;
      fprintf(log, "%lld.%06lld %s %u %d\n", (long long)events[i].input_event_sec, (long long)events[i].input_event_usec,
              names[slot], events[i].code, events[i].value);
    }
    fflush(log);
  }
  return got < 0 && errno == EAGAIN;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: evlog FILE\n");
    return 2;
  }
  FILE *log = fopen(argv[1], "a");
  if (!log) {
    perror(argv[1]);
    return 1;
  }
  for (int i = 0; i <= DEVICES; i++) watched[i].fd = -1;
  int notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (notify < 0 || inotify_add_watch(notify, FOLDER, IN_CREATE | IN_ATTRIB) < 0) {
    perror(FOLDER);
    sleep(10);
    return 1;
  }
  watched[0].fd = notify;
  watched[0].events = POLLIN;
  open_new();
  for (;;) {
    if (poll(watched, DEVICES + 1, -1) < 0 && errno != EINTR) return 1;
    for (int i = 1; i <= DEVICES; i++) {
      if (watched[i].fd < 0 || !watched[i].revents) continue;
      if (!copy_events(i, log)) {
        close(watched[i].fd);
        watched[i].fd = -1;
      }
    }
    if (watched[0].revents) {
      char discard[4096];
      while (read(notify, discard, sizeof discard) > 0) {}
      open_new();
    }
  }
}
