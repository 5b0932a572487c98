package dev.credence.bench;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toSet;
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
import dev.credence.app.command.LooseOptions;
import dev.credence.app.serve.TypedPage;
import dev.credence.core.training.Resumable;
import dev.credence.lab.broken.LoudLibrary;
import dev.credence.lab.broken.inner.LooksBack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The code keeps the design's rules")
class ArchitectureTest {
    /** Below what is there; an empty or partial scan would let every rule pass. */
    private static final int FEWEST_CLASSES = 1000;

    /** Rooms of torch that its own classes alone enter. */
    private static final String INNER = "tensors|weights|layers|inference";

    private static final String MODULES = "core|worlds|methods|torch|hub|data|endpoint|report|lab|app|bench";

    /** A text of the program: a block, or a literal. */
    private static final Pattern TEXT = Pattern.compile("\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\\n])*\"", Pattern.DOTALL);

    private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/", Pattern.DOTALL);

    /** An option's name within a text of the program; a style sheet's variable is none. */
    private static final Pattern OPTION = Pattern.compile("(?<![\\w-]|var\\()--[a-z]");

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

    /** A class whose file was not compiled, or not scanned, would keep no rule. */
    @ParameterizedTest
    @ValueSource(
            strings = {"core", "worlds", "methods", "torch", "hub", "data", "endpoint", "report", "lab", "app", "bench"
            })
    void scanSeesEveryFile(String module) throws IOException {
        Path sources = sources(module);
        try (Stream<Path> files = Files.walk(sources)) {
            assertThat(files.filter(file -> file.toString().endsWith(".java"))
                            .map(file -> sources.relativize(file).toString())
                            .map(file -> file.replaceFirst("\\.java$", "").replace('/', '.')))
                    .isNotEmpty()
                    .allMatch(CLASSES::contain);
        }
    }

    private static Path sources(String module) {
        Path sources = Path.of("..", module, "src", "main", "java");
        assumeTrue(Files.isDirectory(sources), "the sources are not beside the module");
        return sources;
    }

    @Test
    void modulesDependDownwardsOnly() {
        layers().check(CLASSES);
    }

    private static ArchRule layers() {
        return layeredArchitecture()
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
                .mayNotBeAccessedByAnyLayer();
    }

    @Test
    void everyClassBelongsToAModule() {
        assertThat(CLASSES)
                .extracting(JavaClass::getPackageName)
                .allMatch(name -> name.matches("dev\\.credence\\.(" + MODULES + ")(\\..*)?"));
    }

    /** The command line is typed, shown and served; what it asks for is done below it. */
    @Test
    void theAppHasNoOtherRooms() {
        assertThat(CLASSES)
                .filteredOn(type -> type.getPackageName().startsWith("dev.credence.app"))
                .hasSizeGreaterThan(100)
                .allMatch(type -> type.getPackageName()
                                .matches("dev\\.credence\\.app\\.(command|options|view|demo|console|serve)")
                        || type.getName().matches("dev\\.credence\\.app\\.(Main(\\$.*)?|JarStart|package-info)"));
    }

    @Test
    void onlyTheCommandLineKnowsItsParser() {
        parser().check(CLASSES);
    }

    private static ArchRule parser() {
        return noClasses()
                .that()
                .resideOutsideOfPackages("dev.credence.app..", "dev.credence.bench..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("picocli..", "me.tongfei..")
                .because("a library has callers that type nothing");
    }

    @Test
    void theProgramAloneStartsTheDemo() {
        demo().check(CLASSES);
    }

    private static ArchRule demo() {
        return noClasses()
                .that()
                .resideOutsideOfPackage("dev.credence.app.demo..")
                .and()
                .doNotHaveFullyQualifiedName("dev.credence.app.Main")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.credence.app.demo..")
                .because("a demo uses commands, and nothing needs a demo");
    }

    /** What can be typed knows no view, and what is shown no command. */
    @Test
    void roomsOfTheCommandLineAreEnteredFromCommands() {
        rooms().check(CLASSES);
    }

    private static ArchRule rooms() {
        return layeredArchitecture()
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
                .mayNotBeAccessedByAnyLayer();
    }

    @Test
    void theLocalPageParsesNoOptions() {
        page().check(CLASSES);
    }

    private static ArchRule page() {
        return noClasses()
                .that()
                .resideInAPackage("dev.credence.app.serve..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("picocli..", "me.tongfei..")
                .because("it is a library with a browser for its caller");
    }

    /** Options that several commands have are mixed in from their room; a command's own stay with it. */
    @Test
    void mixinsAreInTheirRoom() {
        mixins().check(CLASSES);
    }

    private static ArchRule mixins() {
        return noClasses()
                .that()
                .haveSimpleNameEndingWith("Options")
                .or()
                .haveSimpleNameEndingWith("Option")
                .should()
                .resideInAPackage("dev.credence.app.command")
                .because("what can be typed has one room");
    }

    /** Messages of libraries name settings; the program alone puts dashes before them. */
    @ParameterizedTest
    @ValueSource(strings = {"core", "worlds", "methods", "torch", "hub", "data", "endpoint", "report", "lab", "spark"})
    void noLibraryNamesAnOption(String module) throws IOException {
        try (Stream<Path> files = Files.walk(sources(module))) {
            assertThat(files.filter(file -> file.toString().endsWith(".java"))
                            .flatMap(file -> options(read(file)).map(text -> file.getFileName() + ": " + text)))
                    .isEmpty();
        }
    }

    private static Stream<String> options(String source) {
        return TEXT.matcher(COMMENT.matcher(source).replaceAll(""))
                .results()
                .map(MatchResult::group)
                .filter(text -> OPTION.matcher(text).find());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void optionsAreFoundWhereTheyAre() {
        assertThat(options("throw refused(\"give --beta\");")).containsExactly("\"give --beta\"");
        assertThat(options("String help = \"\"\"\n    say \"yes\" or\n    --beta B\n    \"\"\";"))
                .hasSize(1);
        assertThat(options("count--; // one --fewer")).isEmpty();
        assertThat(options("/* \"--beta\" */ css(\"color: var(--ink)\");")).isEmpty();
    }

    @Test
    void onlyTorchKnowsTheNativeLibrary() {
        nativeLibrary().check(CLASSES);
    }

    private static ArchRule nativeLibrary() {
        return noClasses()
                .that()
                .resideOutsideOfPackage("dev.credence.torch..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .because("native code is in one module");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tensors", "weights", "layers", "inference"})
    void innerRoomsOfTorchAreEnteredFromTorchAlone(String room) {
        innerRoom(room).check(CLASSES);
    }

    private static ArchRule innerRoom(String room) {
        return noClasses()
                .that()
                .resideOutsideOfPackage("dev.credence.torch..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.credence.torch." + room)
                .because("they are public to each other only, and native types stand in their signatures");
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
        cycles().check(CLASSES);
    }

    private static ArchRule cycles() {
        return slices().matching("dev.credence.(**)").should().beFreeOfCycles();
    }

    @Test
    void onlyTheAppTouchesStandardStreams() {
        printing().check(CLASSES);
    }

    private static ArchRule printing() {
        return noClasses()
                .that()
                .resideOutsideOfPackage("dev.credence.app..")
                .should(ACCESS_STANDARD_STREAMS)
                .because("standard output carries results, and the composition root alone knows which");
    }

    @Test
    void onlyTheAppEndsTheProcess() {
        ending().check(CLASSES);
    }

    private static ArchRule ending() {
        return noClasses()
                .that()
                .resideOutsideOfPackage("dev.credence.app..")
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "halt", int.class)
                .because("a library that ends the process takes its caller along");
    }

    private static final JavaClasses BREAKING = new ClassFileImporter()
            .importClasses(LoudLibrary.class, LooksBack.class, TypedPage.class, LooseOptions.class);

    /** Each rule with a class that breaks it, in the package that the rule is about. */
    static Stream<Arguments> broken() {
        return Stream.of(
                Arguments.of("a library shows nothing", layers(), LoudLibrary.class),
                Arguments.of("a library parses nothing", parser(), LoudLibrary.class),
                Arguments.of("a library prints nothing", printing(), LoudLibrary.class),
                Arguments.of("a library ends nothing", ending(), LoudLibrary.class),
                Arguments.of("native code is one module's", nativeLibrary(), LoudLibrary.class),
                Arguments.of("rooms of torch are its own", innerRoom("layers"), LoudLibrary.class),
                Arguments.of("chance has a seed", seeds(), LoudLibrary.class),
                Arguments.of("nothing needs a demo", demo(), TypedPage.class),
                Arguments.of("a page knows no command", rooms(), TypedPage.class),
                Arguments.of("a page parses nothing", page(), TypedPage.class),
                Arguments.of("mixins have a room", mixins(), LooseOptions.class));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("broken")
    void rulesFindWhatBreaksThem(String name, ArchRule rule, Class<?> breaking) {
        assertThat(rule.evaluate(BREAKING).getFailureReport().getDetails())
                .as(name)
                .anyMatch(line -> line.contains(breaking.getName()));
    }

    @Test
    void cyclesAreFound() {
        assertThat(cycles().evaluate(BREAKING).hasViolation()).isTrue();
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
        seeds().check(CLASSES);
    }

    private static ArchRule seeds() {
        return noClasses()
                .should()
                .callConstructor(Random.class)
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .callMethod(ThreadLocalRandom.class, "current")
                .orShould()
                .callMethod(RandomGenerator.class, "getDefault")
                .because("what cannot be seeded cannot be repeated");
    }

    /** A copy in another order in each process ends up in files, messages and tables. */
    @Test
    void copiesKeepTheirOrder() {
        noClasses()
                .should()
                .callMethod(Map.class, "copyOf", Map.class)
                .orShould()
                .callMethod(Set.class, "copyOf", Collection.class)
                .because(
                        "their order differs from process to process: copy into a LinkedHashMap, a LinkedHashSet or a TreeSet")
                .check(CLASSES);
    }

    /** The field has one word for a Bayesian network and for a neural one, and for the range of a reward and of a setting. */
    private static final Set<String> NAMED_TWICE = Set.of("Network", "Range");

    @Test
    void noTwoFilesHaveOneName() {
        assertThat(CLASSES.stream()
                        .filter(JavaClass::isTopLevelClass)
                        .map(JavaClass::getSimpleName)
                        .filter(name -> !name.equals("package-info"))
                        .collect(groupingBy(name -> name, counting()))
                        .entrySet())
                .filteredOn(of -> of.getValue() > 1)
                .extracting(Map.Entry::getKey)
                .isSubsetOf(NAMED_TWICE);
    }

    /** A public type within another is read without its holder's name, and must then be no other idea's. */
    @Test
    void noPublicTypeWithinAnotherHasTheNameOfAFile() {
        Set<String> files = CLASSES.stream()
                .filter(type -> type.isTopLevelClass() && isPublic(type))
                .filter(type -> !type.getPackageName().matches("dev\\.credence\\.torch\\.(" + INNER + ")"))
                .map(JavaClass::getSimpleName)
                .filter(name -> !NAMED_TWICE.contains(name))
                .collect(toSet());
        assertThat(CLASSES)
                .filteredOn(type -> type.isNestedClass() && isPublic(type) && files.contains(type.getSimpleName()))
                .extracting(JavaClass::getName)
                .isEmpty();
    }

    /** Whether callers in other packages can name it. */
    private static boolean isPublic(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getEnclosingClass().map(ArchitectureTest::isPublic).orElse(true);
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
