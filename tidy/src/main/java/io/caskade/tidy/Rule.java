package io.caskade.tidy;

import java.util.List;

/// One rule that every tracked file must keep.
@FunctionalInterface
interface Rule {

    List<Finding> check(Repository repository);
}
