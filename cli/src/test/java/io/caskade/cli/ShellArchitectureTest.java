package io.caskade.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/// The shell's packages depend on each other in one direction: `command` on none, `output` on `command`, and
/// nothing on the package that composes them.
@AnalyzeClasses(packages = "io.caskade.cli", importOptions = ImportOption.DoNotIncludeTests.class)
class ShellArchitectureTest {

    private static final String ROOT = "io.caskade.cli";
    private static final String OUTPUT = "io.caskade.cli.output..";
    private static final String DATA = "io.caskade.cli.data..";
    private static final String REDIS = "io.caskade.cli.redis..";

    @ArchTest
    static final ArchRule commandsAreParsedWithoutRunningOrPrinting = noClasses()
            .that()
            .resideInAPackage("io.caskade.cli.command..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ROOT, OUTPUT, DATA);

    @ArchTest
    static final ArchRule resultsArePrintedWithoutRunningCommands = noClasses()
            .that()
            .resideInAPackage(OUTPUT)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ROOT, DATA);

    @ArchTest
    static final ArchRule dataCommandsNeedNoCluster = noClasses()
            .that()
            .resideInAPackage(DATA)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ROOT, OUTPUT, "io.caskade.client.call..", "io.grpc..");

    @ArchTest
    static final ArchRule toolsAreComposedFromOutside = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.caskade.cli.bench..", "io.caskade.cli.migration..", REDIS, "io.caskade.cli.process..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ROOT, DATA);

    @ArchTest
    static final ArchRule onlyOnePackageUsesTheLibraryForRedis = noClasses()
            .that()
            .resideOutsideOfPackage(REDIS)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("redis.clients..");
}
