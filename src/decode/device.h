/* SPDX-License-Identifier: GPL-2.0-or-later */
/* device.h - names of devices that a message has by number */
#ifndef NFHOP_DECODE_DEVICE_H
#define NFHOP_DECODE_DEVICE_H

#include "nfhop/decode.h"

/**
 * device_name - the name of device @number
 * @name: as the source found it, filled up with NULs; empty if it did not
 * Return: the name, or "if2" for device 2; in @scratch, empty if there is no room
 */
struct str device_name(const char name[16], uint32_t number, struct scratch *scratch);

#endif
