package io.caskade.bitcask.inspect;

import io.caskade.bitcask.inspect.Finding.Severity;
import io.caskade.bitcask.inspect.RepairReport.Lost;
import java.nio.file.Path;
import java.util.List;

/// The findings of a verification.
///
/// @param directory which
/// @param findings what is not as it should be, in the order of the log
/// @param segments how many segments the log has
/// @param hints how many of them have a hint that says what they say
/// @param records how many whole and intact records there are
/// @param bytes how many bytes they and the headers have
/// @param last the last of these records; 0 when there is none
/// @param recoveryPoint the record up to which everything is known to have been committed or synced
/// @param gaps the places where no record can be read, torn ones included
/// @param missing how many records are known to be missing
/// @param opens whether opening would succeed if it read every record
/// @param opening what opening would do, human-readable
public record VerifyReport(
        Path directory,
        List<Finding> findings,
        int segments,
        int hints,
        long records,
        long bytes,
        long last,
        long recoveryPoint,
        List<Lost> gaps,
        long missing,
        boolean opens,
        String opening) {

    /// Makes the lists immutable.
    public VerifyReport {
        findings = List.copyOf(findings);
        gaps = List.copyOf(gaps);
    }

    /// Whether acknowledged bytes are missing or changed.
    public boolean isDamaged() {
        return !opens || findings.stream().anyMatch(finding -> finding.severity() == Severity.DAMAGE);
    }
}
