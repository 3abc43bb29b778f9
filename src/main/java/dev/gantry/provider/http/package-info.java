/**
 * One HTTP exchange and every way in which it can end. Dialects say what to send and how to read
 * the answer; connections, TLS, proxies, time limits and cancelling live here.
 */
@NullMarked
package dev.gantry.provider.http;

import org.jspecify.annotations.NullMarked;
