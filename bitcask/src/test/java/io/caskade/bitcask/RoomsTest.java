package io.caskade.bitcask;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/// Which packages of the engine may depend on which: values, then the internal packages from the disk up, then
/// the facade. A dependency that this forbids is a change of the design, not a reason for an exception here.
@AnalyzeClasses(
        packages = "io.caskade.bitcask",
        importOptions = {ImportOption.DoNotIncludeTests.class, RoomsTest.NoTestClasses.class})
final class RoomsTest {

    private static final String ROOT = "io.caskade.bitcask";

    /// Leaves out tests that are compiled into another directory than Maven's.
    static final class NoTestClasses implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/test/");
        }
    }

    @ArchTest
    static final ArchRule dependenciesRunOneWay = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("values")
            .definedBy(resideInAPackage(ROOT).and(not(belongToAnyOf(Bitcask.class))))
            .layer("disk")
            .definedBy(ROOT + ".disk")
            .layer("keydir")
            .definedBy(ROOT + ".keydir")
            .layer("record")
            .definedBy(ROOT + ".record")
            .layer("segment")
            .definedBy(ROOT + ".segment")
            .layer("hint")
            .definedBy(ROOT + ".hint")
            .layer("recovery")
            .definedBy(ROOT + ".recovery")
            .layer("log")
            .definedBy(ROOT + ".log")
            .layer("index")
            .definedBy(ROOT + ".store.index")
            .layer("copy")
            .definedBy(ROOT + ".store.copy")
            .layer("checkpoint")
            .definedBy(ROOT + ".store.checkpoint")
            .layer("store")
            .definedBy(ROOT + ".store")
            .layer("merge")
            .definedBy(ROOT + ".store.merge")
            .layer("embedded")
            .definedBy(ROOT + ".embedded")
            .layer("inspect")
            .definedBy(ROOT + ".inspect")
            .layer("facade")
            .definedBy(belongToAnyOf(Bitcask.class))
            .whereLayer("values")
            .mayNotAccessAnyLayer()
            .whereLayer("disk")
            .mayOnlyAccessLayers("values")
            .whereLayer("keydir")
            .mayOnlyAccessLayers("values")
            .whereLayer("record")
            .mayOnlyAccessLayers("values", "disk")
            .whereLayer("segment")
            .mayOnlyAccessLayers("values", "disk", "record")
            .whereLayer("hint")
            .mayOnlyAccessLayers("values", "disk", "keydir", "record", "segment")
            .whereLayer("recovery")
            .mayOnlyAccessLayers("values", "disk", "keydir", "record", "segment", "hint")
            .whereLayer("log")
            .mayOnlyAccessLayers("values", "disk", "keydir", "record", "segment", "hint", "recovery")
            .whereLayer("index")
            .mayOnlyAccessLayers("keydir", "record", "segment", "hint")
            .whereLayer("copy")
            .mayOnlyAccessLayers("values", "disk", "keydir", "log")
            .whereLayer("checkpoint")
            .mayOnlyAccessLayers("values", "disk", "keydir", "record", "hint", "log", "index", "copy")
            .whereLayer("store")
            .mayOnlyAccessLayers(
                    "values",
                    "disk",
                    "keydir",
                    "record",
                    "segment",
                    "hint",
                    "recovery",
                    "log",
                    "index",
                    "copy",
                    "checkpoint")
            .whereLayer("merge")
            .mayOnlyAccessLayers("values", "keydir", "record", "segment", "log", "index", "store")
            .whereLayer("embedded")
            .mayOnlyAccessLayers("values", "disk", "record", "hint", "log", "copy", "store", "merge")
            .whereLayer("inspect")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("facade")
            .mayNotBeAccessedByAnyLayer();

    @ArchTest
    static final ArchRule everyClassIsInALayer = classes()
            .should()
            .resideInAnyPackage(
                    ROOT,
                    ROOT + ".disk",
                    ROOT + ".keydir",
                    ROOT + ".record",
                    ROOT + ".segment",
                    ROOT + ".hint",
                    ROOT + ".recovery",
                    ROOT + ".log",
                    ROOT + ".store",
                    ROOT + ".store.index",
                    ROOT + ".store.copy",
                    ROOT + ".store.checkpoint",
                    ROOT + ".store.merge",
                    ROOT + ".embedded",
                    ROOT + ".inspect")
            .because("a new package needs its place in the order above");
}
