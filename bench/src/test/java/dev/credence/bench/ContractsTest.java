package dev.credence.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.Conditioner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every implementation of an interface with a contract suite has a test that inherits the suite. */
class ContractsTest {
    /** Implementations that no suite is about, with the reason. */
    private static final Map<String, String> APART = Map.of(
            "EndpointModel",
                    "each draw is a request, and servers take no temperature: EndpointModelTest asks a stub whose law is known",
            "Both",
                    "private to NetworkPosterior, of one network's own texts: NetworkCommandsTest asks for both kinds of evidence at once",
            "StoredDraws",
                    "of the speed bench: a policy whose reference repeats texts it drew before, which is no distribution to be held to",
            "Reference", "private to StoredDraws, what repeats them",
            "SharedModel",
                    "two processes must ask it the same in the same order: ConditioningProcessesTest has two, and one's figures",
            "OfLogarithm", "private to Poisson, poissonRaters of the exponential: its rewards are at most 0");

    private static final Pattern CLASS =
            Pattern.compile("((?:@\\w+(?:\\([^)]*\\))?\\s+)*)(?:(?:public|private|abstract|static|final)\\s+)*"
                    + "class\\s+(\\w+)\\s+extends\\s+(\\w+)");
    private static final Pattern NAMED = Pattern.compile("@ContractOf\\(([^)]*)\\)");
    private static final Pattern WORD = Pattern.compile("\"(\\w+)\"");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(location -> !location.contains("/test-classes/") && !location.contains("-tests.jar"))
            .importPackages("dev.credence");

    @ParameterizedTest
    @ValueSource(classes = {PredictiveModel.class, Evidence.class, RewardLikelihood.class, TrainablePolicy.class})
    void everyImplementationHasATestThatInheritsTheSuite(Class<?> contract) throws IOException {
        Set<String> implementations = implementations(contract);
        assertThat(implementations).as("implementations of %s", contract).hasSizeGreaterThan(1);
        implementations.removeAll(APART.keySet());
        assertThat(named(contract.getSimpleName() + "Contract"))
                .as("named in @ContractOf of tests that inherit %sContract", contract.getSimpleName())
                .containsAll(implementations);
    }

    /** The suite of conditioners runs every method that is found as a service. */
    @Test
    void everyConditionerIsFoundAsAService() {
        Set<String> services = ServiceLoader.load(Conditioner.class).stream()
                .map(method -> method.type().getSimpleName())
                .collect(Collectors.toSet());
        assertThat(services).containsAll(implementations(Conditioner.class));
    }

    @Test
    void whatIsApartIsStillThere() {
        Set<String> all = Stream.of(PredictiveModel.class, Evidence.class, RewardLikelihood.class)
                .flatMap(contract -> implementations(contract).stream())
                .collect(Collectors.toSet());
        assertThat(all).containsAll(APART.keySet());
    }

    private static Set<String> implementations(Class<?> contract) {
        return CLASSES.stream()
                .filter(found -> found.isAssignableTo(contract))
                .filter(found -> !found.isInterface() && !found.isAnonymousClass())
                .filter(found -> !found.getModifiers().contains(JavaModifier.ABSTRACT))
                .map(JavaClass::getSimpleName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The names in the sources of all modules' tests: a test's outputs are where its own build puts them. */
    private static Set<String> named(String suite) throws IOException {
        Set<String> named = new TreeSet<>();
        Path root = Path.of("..");
        assumeTrue(
                Files.isDirectory(root.resolve("core/src/test")), "the other modules' tests are not beside this one");
        try (Stream<Path> modules = Files.list(root)) {
            for (Path tests :
                    modules.map(module -> module.resolve("src/test/java")).toList()) {
                if (Files.isDirectory(tests)) {
                    try (Stream<Path> files = Files.walk(tests)) {
                        for (Path file : files.filter(f -> f.toString().endsWith("Test.java"))
                                .toList()) {
                            collect(Files.readString(file), suite, named);
                        }
                    }
                }
            }
        }
        return named;
    }

    private static void collect(String source, String suite, Set<String> named) {
        Map<String, String> parents = new HashMap<>();
        for (Matcher type = CLASS.matcher(source); type.find(); ) {
            parents.put(type.group(2), type.group(3));
        }
        for (Matcher type = CLASS.matcher(source); type.find(); ) {
            String parent = type.group(3);
            while (parents.containsKey(parent)) {
                parent = parents.get(parent);
            }
            Matcher names = NAMED.matcher(type.group(1));
            if (parent.equals(suite) && names.find()) {
                for (Matcher word = WORD.matcher(names.group(1)); word.find(); ) {
                    named.add(word.group(1));
                }
            }
        }
    }

    /** The reading of sources is no check that always passes. */
    @Test
    void onlySubclassesOfTheSuiteCount() {
        Set<String> named = new TreeSet<>();
        String source =
                "@ContractOf(\"A\") class X extends FirstContract {} abstract static class Y extends FirstContract {}"
                        + " @Nested @ContractOf({\"B\", \"C\"}) class Z extends Y {} @ContractOf(\"D\") class W extends Other {}";
        collect(source, "FirstContract", named);
        assertThat(named).containsExactly("A", "B", "C");
    }
}
