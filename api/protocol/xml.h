/*
 * XML, written: elements and texts. What is nested is the caller's to get right.
 */

#ifndef REHEARSEDB_API_PROTOCOL_XML_H
#define REHEARSEDB_API_PROTOCOL_XML_H

#include "storage/base/bytes.h"

void xml_open(struct buffer *to, const char *name);

/* With xmlns="…", for the outermost. */
void xml_open_in_namespace(struct buffer *to, const char *name, const char *name_space);
void xml_close(struct buffer *to, const char *name);

/* A text with what XML gives a meaning escaped; what XML cannot hold becomes U+FFFD. */
void xml_append_text(struct buffer *to, struct bytes text);

/* An element that holds a text. */
void xml_append_element(struct buffer *to, const char *name, struct bytes text);

#endif
