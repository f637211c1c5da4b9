/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xtmon.h - the packet line of xtables-monitor */
#ifndef NFHOP_DECODE_XTMON_H
#define NFHOP_DECODE_XTMON_H

#include "packet.h"

/**
 * xtmon_packet - what stands after "PACKET: 2 f8922fae "
 * @ev: gets iif, oif, pkt, mark, EVENT_MAC
 * Return: false with @fault if a value cannot be
 */
bool xtmon_packet(struct str line, struct event *ev, struct fault *fault);

#endif
