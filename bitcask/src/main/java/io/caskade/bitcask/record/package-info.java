/// The record format: encoding, reading and validating records and the batches and frames they come in.
///
/// Formats and validators are stateless. An encoder belongs to one thread. Starts no threads.
@NullMarked
package io.caskade.bitcask.record;

import org.jspecify.annotations.NullMarked;
