// SPDX-License-Identifier: GPL-2.0-or-later
/* flood.c - sends UDP packets at a rate: flood ADDRESS PORT RATE SECONDS; prints how many */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	double rate, seconds, began;
	unsigned long sent = 0;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (argc != 5 || fd < 0 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
		return 2;
	to.sin_port = htons((uint16_t)atoi(argv[2]));
	rate = atof(argv[3]);
	seconds = atof(argv[4]);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		return 2;
	began = now();
	for (double t = 0; t < seconds; t = now() - began) {
		unsigned long due = rate > 0 ? (unsigned long)(rate * t) : sent + 64;

		while (sent < due)
			sent += send(fd, &sent, sizeof(sent), 0) > 0;
		if (rate > 0)
			nanosleep(&(struct timespec){ 0, 200000 }, NULL);
	}
	printf("%lu\n", sent);
	return 0;
}
