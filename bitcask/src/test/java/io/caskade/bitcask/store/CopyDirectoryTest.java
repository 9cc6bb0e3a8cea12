package io.caskade.bitcask.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.DirectoryInUseException;
import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.record.BatchEncoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// Setting a copy aside and beginning another in its place.
final class CopyDirectoryTest {

    private static final Path DIRECTORY = Path.of("/partitions/3");

    @Test
    void aNewCopyStartsEmptyUnderANewIdentity() throws IOException {
        CopyDirectory copies = copies(new FaultyDisk(1));
        Store old = written(copies);
        Store fresh = copies.replace();
        assertThat(copies.current()).isSameAs(fresh);
        assertThat(fresh.id()).isNotEqualTo(old.id());
        assertThat(fresh.formerIds()).as("it is none of those that were").isEmpty();
        assertThat(fresh.end()).isZero();
        assertThat(copies.setAside()).containsExactly(old.id());
    }

    @Test
    void copiesSetAsideAreKeptWhileNeeded() throws IOException {
        FaultyDisk disk = new FaultyDisk(1);
        CopyDirectory copies = copies(disk);
        UUID first = written(copies).id();
        UUID second = copies.replace().id();
        copies.replace();
        copies.deleteSetAside(Set.of(second)::contains);
        assertThat(copies.setAside()).containsExactly(second);
        assertThat(disk.contents().keySet()).noneMatch(file -> file.toString().contains(first.toString()));
        copies.deleteSetAside(_ -> false);
        assertThat(copies.setAside()).isEmpty();
        assertThat(copies.current().isFenced()).isFalse();
    }

    @Test
    void aCopySetAsideCanBeReinstatedAndTheOtherIsSetAsideInTurn() throws IOException {
        FaultyDisk disk = new FaultyDisk(1);
        CopyDirectory copies = copies(disk);
        Store old = written(copies);
        long end = old.end();
        Store fresh = copies.replace();
        Path aside = DIRECTORY.resolveSibling("3.aside-" + old.id());
        assertThatThrownBy(() -> CopyDirectory.reinstate(disk, aside)).isInstanceOf(DirectoryInUseException.class);
        fresh.close();

        assertThat(CopyDirectory.reinstate(disk, aside)).isEqualTo(DIRECTORY);

        Store reinstated = copies.open();
        assertThat(reinstated.id()).isEqualTo(old.id());
        assertThat(reinstated.end()).isEqualTo(end);
        assertThat(copies.setAside()).containsExactly(fresh.id());
        reinstated.close();
    }

    @Test
    void onlyACopySetAsideCanBeReinstated() throws IOException {
        FaultyDisk disk = new FaultyDisk(1);
        CopyDirectory copies = copies(disk);
        written(copies).close();
        assertThatThrownBy(() -> CopyDirectory.reinstate(disk, DIRECTORY)).hasMessageContaining("NAME.aside-ID");
    }

    /// For instance after the disk was full.
    @Test
    void aCopyThatWasSetAsideInVainIsReplacedTheNextTime() throws IOException {
        FaultyDisk disk = new FaultyDisk(1);
        CopyDirectory copies = copies(disk);
        Store old = written(copies);
        disk.setFreeBytes(0);
        assertThatThrownBy(copies::replace).isInstanceOf(IOException.class);
        disk.setFreeBytes(1 << 20);

        Store fresh = copies.replace();

        assertThat(fresh.end()).isZero();
        assertThat(copies.setAside()).containsExactly(old.id());
        fresh.close();
    }

    @Test
    void aCrashAtAnyOperationLeavesTheOldCopyOrAnother() throws IOException {
        boolean stopped = true;
        for (int operation = 0; stopped; operation++) {
            FaultyDisk disk = new FaultyDisk(operation);
            CopyDirectory copies = copies(disk);
            Store old = written(copies);
            long end = old.end();
            disk.stopAt(operation);
            stopped = false;
            try {
                copies.replace();
                copies.deleteSetAside(_ -> false);
            } catch (IOException e) {
                stopped = disk.isStopped();
            }
            disk.powerFailure();
            CopyDirectory again = copies(disk);
            Store found = again.open();
            if (found.id().equals(old.id())) {
                assertThat(found.end()).as("operation %d", operation).isEqualTo(end);
            } else {
                assertThat(found.end()).as("operation %d", operation).isZero();
                assertThat(again.setAside()).isIn(List.of(), List.of(old.id()));
                again.deleteSetAside(_ -> false);
            }
            assertThat(again.setAside()).as("operation %d", operation).isEmpty();
        }
    }

    @Test
    void aCopyIsDeletedButNotWhatWasSetAside() throws IOException {
        FaultyDisk disk = new FaultyDisk(1);
        CopyDirectory copies = copies(disk);
        UUID aside = written(copies).id();
        Store fresh = copies.replace();
        assertThatThrownBy(copies::delete).isInstanceOf(DirectoryInUseException.class);
        assertThat(copies.exists()).isTrue();
        fresh.close();

        copies.delete();
        copies.delete();

        assertThat(copies.exists()).isFalse();
        assertThat(copies.setAside()).containsExactly(aside);
    }

    @Test
    void aCrashDuringADeletionLeavesTheWholeCopyOrWhatTheNextOneFinishes() throws IOException {
        boolean stopped = true;
        for (int operation = 0; stopped; operation++) {
            FaultyDisk disk = new FaultyDisk(operation);
            CopyDirectory copies = copies(disk);
            Store old = written(copies);
            long end = old.end();
            old.close();
            disk.stopAt(operation);
            stopped = false;
            try {
                copies.delete();
            } catch (IOException e) {
                stopped = disk.isStopped();
            }
            disk.powerFailure();

            Store found = copies(disk).open();
            assertThat(found.end())
                    .as("operation %d", operation)
                    .isEqualTo(found.id().equals(old.id()) ? end : 0);
            found.close();
            copies(disk).delete();
            assertThat(disk.contents().keySet())
                    .as("operation %d", operation)
                    .noneMatch(file -> file.toString().endsWith(".log"));
        }
    }

    @Test
    void aCopyThatCannotBeOpenedIsSetAside() throws IOException {
        FaultyDisk disk = new FaultyDisk(1);
        Store old = written(copies(disk));
        old.close();

        CopyDirectory copies = copies(disk);
        try (Store fresh = copies.replaceUnopened()) {
            assertThat(fresh.end()).isZero();
            assertThat(fresh.id()).isNotEqualTo(old.id());
            assertThat(copies.setAside()).containsExactly(old.id());
        }
    }

    @Test
    void aCopyWhoseIdentityCannotBeReadIsNotSetAside() throws IOException {
        FaultyDisk disk = new FaultyDisk(1);
        written(copies(disk)).close();
        disk.delete(DIRECTORY.resolve("copy"));

        CopyDirectory copies = copies(disk);

        assertThatThrownBy(copies::replaceUnopened).isInstanceOf(IOException.class);
        assertThat(copies.setAside()).isEmpty();
    }

    private static CopyDirectory copies(FaultyDisk disk) {
        return new CopyDirectory(disk, DIRECTORY, StoreOnDisk.options(Durability.SYNC, "boot", 400));
    }

    private static Store written(CopyDirectory copies) throws IOException {
        Store store = copies.open();
        BatchEncoder encoder = new BatchEncoder();
        encoder.start(1, 1);
        encoder.mark(1_000, 0);
        store.append(encoder.group());
        StoreOnDisk.sync(store);
        return store;
    }
}
