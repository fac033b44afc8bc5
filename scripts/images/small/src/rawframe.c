/*
 * rawframe: sends an Ethernet frame exactly as given, whatever addresses it claims. See usage().
 * The host's filters are tested with it: forged MAC, ARP, IPv4, IPv6 and neighbour advertisements.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int usage(void) {
  fputs(
      "usage: rawframe [-c COUNT] [-i MILLISECONDS] INTERFACE HEX\n"
      "\n"
      "Sends one Ethernet frame COUNT times (1) with MILLISECONDS (100) between, through AF_PACKET.\n"
      "HEX is the whole frame from the destination MAC on, without the frame check sequence; spaces, colons and\n"
      "line ends in it are ignored; \"-\" reads it from the standard input. A frame shorter than 60 bytes is\n"
      "filled up with zeros. \"SS\" in place of a byte of the source MAC stands for the interface's own byte.\n"
      "Prints \"sent N\" and ends with 0 when the kernel took every frame; that says nothing of the host.\n",
      stderr);
  return 2;
}

static int digit(int c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = tolower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int main(int argc, char **argv) {
  long count = 1, interval = 100;
  for (int option; (option = getopt(argc, argv, "c:i:")) != -1;) {
    if (option == 'c') count = atol(optarg);
    else if (option == 'i') interval = atol(optarg);
    else return usage();
  }
  if (argc - optind != 2 || count < 1 || interval < 0) return usage();

  const char *name = argv[optind];
  unsigned index = if_nametoindex(name);
  if (!index) {
    fprintf(stderr, "rawframe: no interface %s\n", name);
    return 1;
  }
  int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
  if (fd < 0) {
    perror("rawframe: socket");
    return 1;
  }
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)index, .sll_halen = 6};
  struct sockaddr_ll own = {.sll_family = AF_PACKET, .sll_ifindex = (int)index, .sll_protocol = htons(ETH_P_ALL)};
  socklen_t length = sizeof own;
  if (bind(fd, (struct sockaddr *)&own, sizeof own) || getsockname(fd, (struct sockaddr *)&own, &length)) {
    perror("rawframe: bind");
    return 1;
  }

  static char text[8192];
  if (!strcmp(argv[optind + 1], "-")) text[fread(text, 1, sizeof text - 1, stdin)] = 0;
  else snprintf(text, sizeof text, "%s", argv[optind + 1]);

  static unsigned char frame[2048];
  size_t size = 0;
  for (const char *p = text; *p;) {
    if (isspace((unsigned char)*p) || *p == ':') { p++; continue; }
    if (size == sizeof frame) {
      fprintf(stderr, "rawframe: frame too long\n");
      return 1;
    }
    if (toupper((unsigned char)p[0]) == 'S' && toupper((unsigned char)p[1]) == 'S' && size >= 6 && size < 12) {
      frame[size] = own.sll_addr[size - 6];
      size++, p += 2;
      continue;
    }
    int high = digit(p[0]), low = high < 0 ? -1 : digit(p[1]);
    if (low < 0) {
      fprintf(stderr, "rawframe: not hexadecimal at \"%.8s\"\n", p);
      return 1;
    }
    frame[size++] = (unsigned char)(high << 4 | low);
    p += 2;
  }
  if (size < 14) {
    fprintf(stderr, "rawframe: a frame has at least 14 bytes\n");
    return 1;
  }
  if (size < 60) size = 60;
  memcpy(to.sll_addr, frame, 6);

  struct timespec pause = {interval / 1000, interval % 1000 * 1000000};
  for (long i = 0; i < count; i++) {
    if (i) nanosleep(&pause, NULL);
    if (sendto(fd, frame, size, 0, (struct sockaddr *)&to, sizeof to) != (ssize_t)size) {
      perror("rawframe: send");
      return 1;
    }
  }
  printf("sent %ld\n", count);
  return 0;
}
