package io.siltstone.testkit;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between the modules, and which libraries stay in one place. */
@AnalyzeClasses(packages = "io.siltstone", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String OURS = "io.siltstone..";
    private static final String FORMAT = "io.siltstone.format..";
    private static final String LOG = "io.siltstone.log..";
    private static final String METADATA = "io.siltstone.metadata..";
    private static final String STORAGE = "io.siltstone.storage..";
    private static final String TIERING = "io.siltstone.tiering..";
    private static final String INGEST = "io.siltstone.ingest..";
    private static final String CLIENT = "io.siltstone.client..";
    private static final String CLI = "io.siltstone.cli..";
    private static final String TESTKIT = "io.siltstone.testkit..";

    @ArchTest
    static final ArchRule formatUsesNothingOfOurs = noClasses()
            .that()
            .resideInAPackage(FORMAT)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(LOG, METADATA, STORAGE, TIERING, INGEST, CLIENT, CLI, TESTKIT);

    @ArchTest
    static final ArchRule logUsesOnlyTheFormat = noClasses()
            .that()
            .resideInAPackage(LOG)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(METADATA, STORAGE, TIERING, INGEST, CLIENT, CLI, TESTKIT);

    @ArchTest
    static final ArchRule metadataUsesOnlyTheLog = noClasses()
            .that()
            .resideInAPackage(METADATA)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(STORAGE, TIERING, INGEST, CLIENT, CLI, TESTKIT);

    @ArchTest
    static final ArchRule storageNodeAndTieringDoNotKnowEachOther = noClasses()
            .that()
            .resideInAPackage(STORAGE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(TIERING, INGEST, CLIENT, CLI, TESTKIT);

    @ArchTest
    static final ArchRule tieringUsesOnlyLogAndMetadata = noClasses()
            .that()
            .resideInAPackage(TIERING)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(STORAGE, INGEST, CLIENT, CLI, TESTKIT);

    @ArchTest
    static final ArchRule ingestNodeDoesNotKnowStorageNodesFromWithin = noClasses()
            .that()
            .resideInAPackage(INGEST)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(STORAGE, CLIENT, CLI, TESTKIT);

    @ArchTest
    static final ArchRule clientUsesOnlyTheFormat = noClasses()
            .that()
            .resideInAPackage(CLIENT)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    LOG, METADATA, STORAGE, TIERING, INGEST, CLI, TESTKIT, "io.netty..", "software.amazon..");

    @ArchTest
    static final ArchRule onlyTieringSpeaksToAws = noClasses()
            .that()
            .resideOutsideOfPackage("io.siltstone.tiering.store..")
            .and()
            .resideInAPackage(OURS)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("software.amazon..");

    @ArchTest
    static final ArchRule onlyTheZooKeeperAdapterUsesCurator = noClasses()
            .that()
            .resideOutsideOfPackage("io.siltstone.metadata.zookeeper..")
            .and()
            .resideInAPackage(OURS)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.curator..", "org.apache.zookeeper..");

    /** The simulation runs these on a time, chance and network of its own. */
    @ArchTest
    static final ArchRule theCoreHasNoThreadClockOrRandomness = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.siltstone.log",
                    "io.siltstone.log.chain..",
                    "io.siltstone.log.writer..",
                    "io.siltstone.storage.replica..",
                    "io.siltstone.storage.index..")
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(java.util.UUID.class, "randomUUID")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(java.util.Random.class);
}
