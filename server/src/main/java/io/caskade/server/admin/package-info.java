/// What administrators ask of a node: how its copies are, and changes of who leads and who keeps what. The
/// listeners translate their protocols into [AdminOperations][io.caskade.server.admin.AdminOperations]; the
/// root answers.
///
/// Records and an interface only, safe for use by any thread; nothing here knows networks, files or ZooKeeper.
@NullMarked
package io.caskade.server.admin;

import org.jspecify.annotations.NullMarked;
