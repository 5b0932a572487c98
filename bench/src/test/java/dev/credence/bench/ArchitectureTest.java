package dev.credence.bench;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.credence.core.training.Resumable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The code keeps the design's rules")
class ArchitectureTest {
    /** Far below what is there; an empty or partial scan would let every rule pass. */
    private static final int FEWEST_CLASSES = 250;

    /** An option's name within a text of the program. */
    private static final Pattern OPTION = Pattern.compile("\"[^\"]*--[a-z][^\"]*\"");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(location -> !location.contains("/test-classes/") && !location.contains("-tests.jar"))
            .importPackages("dev.credence");

    private static final DescribedPredicate<JavaClass> SOURCE_OF_RANDOMNESS = describe(
            "a source of randomness whose state is not saved with its holder's",
            type -> type.isAssignableTo(RandomGenerator.class) && !type.isAssignableTo(Resumable.class));

    private static final ArchRule RANDOMNESS_IS_AN_ARGUMENT = fields().that(
                    describe("are written in the source", field -> !isSynthetic(field)))
            .should(holdNoRandomness())
            .because("randomness is an argument: a result must be a function of what its caller passed");

    @Test
    void scanSeesTheWholeProject() {
        assertThat(CLASSES.size()).as("classes scanned").isGreaterThan(FEWEST_CLASSES);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"core", "worlds", "methods", "torch", "hub", "data", "endpoint", "report", "lab", "app", "bench"
            })
    void scanSeesEveryModule(String module) {
        assertThat(CLASSES)
                .as("classes of the module %s", module)
                .anyMatch(type -> (type.getPackageName() + ".").startsWith("dev.credence." + module + "."));
    }

    @Test
    void modulesDependDownwardsOnly() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("core")
                .definedBy("dev.credence.core..")
                .layer("worlds")
                .definedBy("dev.credence.worlds..")
                .layer("methods")
                .definedBy("dev.credence.methods..")
                .layer("torch")
                .definedBy("dev.credence.torch..")
                .layer("hub")
                .definedBy("dev.credence.hub..")
                .layer("data")
                .definedBy("dev.credence.data..")
                .layer("endpoint")
                .definedBy("dev.credence.endpoint..")
                .layer("report")
                .definedBy("dev.credence.report..")
                .layer("lab")
                .definedBy("dev.credence.lab..")
                .layer("app")
                .definedBy("dev.credence.app..")
                .layer("bench")
                .definedBy("dev.credence.bench..")
                .whereLayer("core")
                .mayNotAccessAnyLayer()
                .whereLayer("worlds")
                .mayOnlyAccessLayers("core")
                .whereLayer("methods")
                .mayOnlyAccessLayers("core")
                .whereLayer("torch")
                .mayOnlyAccessLayers("core")
                .whereLayer("hub")
                .mayOnlyAccessLayers("core", "torch")
                .whereLayer("data")
                .mayOnlyAccessLayers("core")
                .whereLayer("endpoint")
                .mayOnlyAccessLayers("core")
                .whereLayer("report")
                .mayOnlyAccessLayers("core")
                .whereLayer("lab")
                .mayOnlyAccessLayers("core", "worlds", "methods", "torch", "hub", "data", "endpoint")
                .whereLayer("app")
                .mayOnlyBeAccessedByLayers("bench")
                .whereLayer("bench")
                .mayNotBeAccessedByAnyLayer()
                .check(CLASSES);
    }

    @Test
    void everyClassBelongsToAModule() {
        assertThat(CLASSES)
                .extracting(JavaClass::getPackageName)
                .allMatch(name -> name.matches(
                        "dev\\.credence\\.(core|worlds|methods|torch|hub|data|endpoint|report|lab|app|bench)(\\..*)?"));
    }

    @Test
    void onlyTheCommandLineKnowsItsParser() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.credence.app..", "dev.credence.bench..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("picocli..", "me.tongfei..")
                .because("a library has callers that type nothing")
                .check(CLASSES);
    }

    @Test
    void theProgramAloneStartsTheDemo() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.credence.app.demo..")
                .and()
                .doNotHaveFullyQualifiedName("dev.credence.app.Main")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.credence.app.demo..")
                .because("a demo uses commands, and nothing needs a demo")
                .check(CLASSES);
    }

    /** What can be typed knows no view, and what is shown no command. */
    @Test
    void roomsOfTheCommandLineAreEnteredFromCommands() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("console")
                .definedBy("dev.credence.app.console")
                .layer("options")
                .definedBy("dev.credence.app.options")
                .layer("view")
                .definedBy("dev.credence.app.view")
                .layer("serve")
                .definedBy("dev.credence.app.serve")
                .layer("command")
                .definedBy("dev.credence.app.command")
                .whereLayer("console")
                .mayNotAccessAnyLayer()
                .whereLayer("options")
                .mayOnlyAccessLayers("console")
                .whereLayer("view")
                .mayOnlyAccessLayers("options", "console")
                .whereLayer("serve")
                .mayOnlyAccessLayers("view", "console")
                .whereLayer("command")
                .mayNotBeAccessedByAnyLayer()
                .check(CLASSES);
    }

    @Test
    void theLocalPageParsesNoOptions() {
        noClasses()
                .that()
                .resideInAPackage("dev.credence.app.serve..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("picocli..", "me.tongfei..")
                .because("it is a library with a browser for its caller")
                .check(CLASSES);
    }

    /** Options that several commands have are mixed in from their room; a command's own stay with it. */
    @Test
    void mixinsAreInTheirRoom() {
        noClasses()
                .that()
                .haveSimpleNameEndingWith("Options")
                .or()
                .haveSimpleNameEndingWith("Option")
                .should()
                .resideInAPackage("dev.credence.app.command")
                .because("what can be typed has one room")
                .check(CLASSES);
    }

    /** Messages of libraries name settings; the program alone puts dashes before them. */
    @ParameterizedTest
    @ValueSource(strings = {"core", "worlds", "methods", "torch", "hub", "data", "endpoint", "lab"})
    void noLibraryNamesAnOption(String module) throws IOException {
        Path sources = Path.of("..", module, "src", "main", "java");
        assumeTrue(Files.isDirectory(sources), "the sources are not beside the module");
        try (Stream<Path> files = Files.walk(sources)) {
            assertThat(files.filter(file -> file.toString().endsWith(".java")).flatMap(ArchitectureTest::options))
                    .isEmpty();
        }
    }

    private static Stream<String> options(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> OPTION.matcher(line).find())
                    .map(line -> file.getFileName() + ": " + line.strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void optionsAreFoundWhereTheyAre() {
        assertThat(OPTION.matcher("throw refused(\"give --beta\");").find()).isTrue();
        assertThat(OPTION.matcher("count--; // one --fewer").find()).isFalse();
    }

    @Test
    void onlyTorchKnowsTheNativeLibrary() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.credence.torch..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .because("native code is in one module")
                .check(CLASSES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tensors", "weights", "layers", "inference"})
    void innerRoomsOfTorchAreEnteredFromTorchAlone(String room) {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.credence.torch..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.credence.torch." + room)
                .because("they are public to each other only, and native types stand in their signatures")
                .check(CLASSES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".architecture", ".trie", ".training"})
    void roomsOfTorchThatCallersEnterShowNoNativeType(String room) {
        noNativeTypeIn("dev.credence.torch" + room).check(CLASSES);
    }

    @Test
    void nativeTypesAreFoundWhereTheyAre() {
        assertThat(noNativeTypeIn("dev.credence.torch.layers").evaluate(CLASSES).hasViolation())
                .isTrue();
    }

    private static ArchRule noNativeTypeIn(String room) {
        DescribedPredicate<JavaClass> seen = describe(
                "are public in " + room,
                type -> type.getPackageName().equals(room)
                        && type.getModifiers().contains(JavaModifier.PUBLIC));
        DescribedPredicate<JavaClass> isNative =
                describe("native", type -> type.getPackageName().startsWith("org.bytedeco"));
        return noMethods()
                .that()
                .arePublic()
                .and()
                .areDeclaredInClassesThat(seen)
                .should()
                .haveRawReturnType(isNative)
                .orShould()
                .haveRawParameterTypes(
                        describe("one native", types -> types.stream().anyMatch(isNative)));
    }

    @Test
    void packagesAreFreeOfCycles() {
        slices().matching("dev.credence.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void onlyTheAppTouchesStandardStreams() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.credence.app..")
                .should(ACCESS_STANDARD_STREAMS)
                .because("standard output carries results, and the composition root alone knows which")
                .check(CLASSES);
    }

    @Test
    void onlyTheAppEndsTheProcess() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.credence.app..")
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "halt", int.class)
                .because("a library that ends the process takes its caller along")
                .check(CLASSES);
    }

    @Test
    void randomnessIsAnArgument() {
        RANDOMNESS_IS_AN_ARGUMENT.check(CLASSES);
    }

    @Test
    void randomnessRuleFindsFieldsThatBreakIt() {
        var broken = new ClassFileImporter().importClasses(HoldsGenerator.class, HoldsSupplier.class);

        assertThat(RANDOMNESS_IS_AN_ARGUMENT.evaluate(broken).getFailureReport().getDetails())
                .hasSize(2)
                .anyMatch(line -> line.contains("HoldsGenerator.random holds java.util.random.RandomGenerator"))
                .anyMatch(line -> line.contains("HoldsSupplier.source holds java.util.Random"));
    }

    @Test
    void noRandomnessWithoutSeed() {
        noClasses()
                .should()
                .callConstructor(Random.class)
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .callMethod(ThreadLocalRandom.class, "current")
                .orShould()
                .callMethod(RandomGenerator.class, "getDefault")
                .because("what cannot be seeded cannot be repeated")
                .check(CLASSES);
    }

    @Test
    void everyPackageIsNullMarked() {
        assertThat(CLASSES.stream().map(JavaClass::getPackage).distinct())
                .as("packages whose package-info.java carries @NullMarked")
                .allMatch(ArchitectureTest::isNullMarked);
    }

    private static boolean isNullMarked(JavaPackage scanned) {
        return scanned.tryGetPackageInfo()
                .map(info -> info.isAnnotatedWith(NullMarked.class))
                .orElse(false);
    }

    private static boolean isSynthetic(JavaField field) {
        return field.getModifiers().contains(JavaModifier.SYNTHETIC);
    }

    private static ArchCondition<JavaField> holdNoRandomness() {
        return new ArchCondition<>("hold no source of randomness") {
            @Override
            public void check(JavaField field, ConditionEvents events) {
                heldRandomness(field)
                        .map(type -> field.getFullName() + " holds " + type.getName())
                        .forEach(message -> events.add(SimpleConditionEvent.violated(field, message)));
            }
        };
    }

    private static Stream<JavaClass> heldRandomness(JavaField field) {
        return field.getAllInvolvedRawTypes().stream().filter(SOURCE_OF_RANDOMNESS);
    }

    /** Breaks the rule, to show that it can fail. */
    private record HoldsGenerator(RandomGenerator random) {}

    /** Breaks the rule one type further in. */
    private record HoldsSupplier(Supplier<Random> source) {}
}
