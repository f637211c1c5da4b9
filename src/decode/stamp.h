/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stamp.h - every way in which a log line says when it was */
#ifndef NFHOP_DECODE_STAMP_H
#define NFHOP_DECODE_STAMP_H

#include "nfhop/event.h"

/* stamp_wall - take a date and time (or only a time, or epoch seconds) off the front of @s */
bool stamp_wall(struct str *s, struct stamp *stamp);

/* stamp_apache - the same for Proxmox's 20/Jun/2022:13:12:46 +0200 */
bool stamp_apache(struct str *s, struct stamp *stamp);

/*
 * stamp_kernel - take what dmesg or the kernel itself puts in front: [12345.678901] with
 * printk's caller, [<delta>], [Thu Apr 23 21:55:11 2020], [Apr12 17:17], [  +0.000004]
 */
bool stamp_kernel(struct str *s, struct stamp *stamp);

#endif
