/// `caskade bench`: loads a running cluster over one protocol after the other, as its clients would, and says
/// how many requests a second it serves and how long they take.
@NullMarked
package io.caskade.cli.bench;

import org.jspecify.annotations.NullMarked;
