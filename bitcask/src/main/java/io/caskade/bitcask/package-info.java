/// The storage engine as a library: one directory, one process, keys and values that survive a crash.
///
/// [Bitcask] is what an application opens. The other types here are its options, its results and the exceptions
/// it throws. The packages below are internal: the module does not export them, and no public signature here
/// names a type of theirs. They may use the values of this package; of all classes here only [Bitcask] uses
/// them.
///
/// Writers: one thread at a time per directory. Readers: any number, without locks.
@NullMarked
package io.caskade.bitcask;

import org.jspecify.annotations.NullMarked;
