package dev.gantry.convention;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The map of the house: which package may import which. A needed import that it forbids is a design
 * question.
 */
class PackageMapTest {
    private static final String ROOT = "dev.gantry";

    /** The first block is the path of one request, top to bottom. */
    private static final String MAP =
            """
            intake         | inference worker memory
            worker         | inference routing escalation traffic delivery metering memory
            routing        | inference
            escalation     | inference routing traffic circuit provider classification memory
            traffic        | inference circuit memory
            provider       | inference memory
            classification | inference provider secret
            delivery       | inference metering audit fleet secret memory

            inference      |
            metering       | inference
            audit          | inference secret
            secret         |
            memory         |
            circuit        | inference fleet memory
            fleet          | memory
            kept           | delivery intake fleet memory
            simulator      |
            cli            | inference intake circuit kept secret fleet
            observe        | inference metering delivery worker intake traffic circuit fleet secret memory
            config         | inference routing circuit provider metering delivery intake fleet secret
            launch         | inference routing traffic circuit provider classification escalation metering audit delivery worker intake kept fleet observe config cli simulator secret memory
            """;

    private static final JavaClasses CLASSES =
            new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages(ROOT);

    static Stream<String> packages() {
        return rows().keySet().stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("packages")
    void importsOnlyWhatTheMapAllows(String from) {
        String[] reachable =
                Stream.concat(Stream.of(from), rows().getOrDefault(from, Set.of()).stream())
                        .map(name -> ROOT + "." + name)
                        .toArray(String[]::new);

        noClasses()
                .that()
                .resideInAPackage(ROOT + "." + from + "..")
                .should()
                .dependOnClassesThat(
                        resideInAPackage(ROOT + "..")
                                .and(resideOutsideOfPackage(ROOT + "." + from + ".."))
                                .and(not(resideInAnyPackage(reachable))))
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void everyPackageHasARow() {
        Set<String> present = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            String name = type.getPackageName();
            if (!name.equals(ROOT)) {
                present.add(name.substring(ROOT.length() + 1).split("\\.", -1)[0]);
            }
        }

        assertThat(rows().keySet()).isEqualTo(present);
    }

    @Test
    void importsFormNoCycle() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    private static Map<String, Set<String>> rows() {
        Map<String, Set<String>> rows = new TreeMap<>();
        MAP.lines()
                .filter(line -> !line.isBlank())
                .map(line -> line.split("\\|", -1))
                .forEach(
                        parts ->
                                rows.put(
                                        parts[0].strip(),
                                        parts[1].isBlank()
                                                ? Set.of()
                                                : new TreeSet<>(
                                                        Arrays.asList(
                                                                parts[1].strip()
                                                                        .split("\\s+", -1)))));
        return rows;
    }
}
