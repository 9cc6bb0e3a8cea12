package io.caskade.cli;

import java.util.Arrays;
import java.util.List;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;

/// Completes a line's first word to a command, and later ones to the command's options.
final class VerbCompleter implements Completer {

    @Override
    public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
        if (line.wordIndex() == 0) {
            verbs(candidates);
            return;
        }
        Verb.named(line.words().getFirst()).ifPresent(verb -> {
            if (verb == Verb.HELP) {
                verbs(candidates);
            } else {
                verb.options().forEach(option -> candidates.add(new Candidate(option)));
            }
        });
    }

    private static void verbs(List<Candidate> candidates) {
        Arrays.stream(Verb.values())
                .map(verb -> new Candidate(verb.word(), verb.word(), null, verb.summary(), null, null, true))
                .forEach(candidates::add);
    }
}
