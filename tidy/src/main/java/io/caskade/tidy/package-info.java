/// Rules for the repository as text: comments, names, links and words that a compiler does not check. A test,
/// `TidyTest`, applies every [Rule][io.caskade.tidy.Rule] to every file that git tracks. The module depends on
/// no other module, and is not shipped.
@NullMarked
package io.caskade.tidy;

import org.jspecify.annotations.NullMarked;
