/// The administrators' operations on a node: the status of its copies, and changes of leaders and replicas. The
/// listeners translate their protocols into [AdminOperations][io.caskade.server.admin.AdminOperations]; the
/// root answers.
///
/// Records and an interface only; nothing here knows networks, files or ZooKeeper.
@NullMarked
package io.caskade.server.admin;

import org.jspecify.annotations.NullMarked;
