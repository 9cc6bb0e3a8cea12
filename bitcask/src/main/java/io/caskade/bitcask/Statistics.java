package io.caskade.bitcask;

/// How a store is.
///
/// @param keys with a record, including expired ones that still take up space
/// @param keydirBytes the memory that the keydir takes, off the heap
/// @param version of the newest write that readers see ([Entry#version]): each is greater than those before
/// @param space how much disk space it takes
/// @param scrub what the background scrub has found
public record Statistics(long keys, long keydirBytes, long version, SpaceReport space, ScrubReport scrub) {}
