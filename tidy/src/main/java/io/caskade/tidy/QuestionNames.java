package io.caskade.tidy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A method named like a question or a statement answers it: `is…`, `has…`, `may…`, `can…` and `diskIsFull`
/// never return void. Methods that change something are imperative verbs.
final class QuestionNames implements Rule {

    private static final Set<String> QUESTIONS =
            Set.of("is", "has", "have", "may", "can", "are", "was", "does", "did", "should", "will");
    private static final Set<String> STATEMENTS = Set.of("is", "has", "have", "are", "was");
    /// Methods of other libraries' interfaces, which cannot be renamed here.
    private static final Set<String> FOREIGN = Set.of("isLeader");

    @Override
    public List<Finding> check(Repository repository) {
        List<Finding> findings = new ArrayList<>();
        for (JavaIndex.Method method : repository.java().methods()) {
            List<String> words = Words.of(method.name());
            boolean asks = QUESTIONS.contains(words.getFirst());
            boolean states = words.size() > 2 && STATEMENTS.contains(words.get(1));
            boolean isForeign = method.isOverride() && FOREIGN.contains(method.name());
            if (method.returnsNothing() && !method.isTest() && (asks || states) && !isForeign) {
                findings.add(new Finding(
                        method.path(),
                        method.line(),
                        "void " + method.name() + "() is named like a question",
                        "use an imperative verb, such as mark…, record… or set…"));
            }
        }
        return findings;
    }
}
