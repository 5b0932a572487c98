package dev.credence.app.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every page in a real browser; pictures of them are in target/screenshots. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WebBrowserTest {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path PICTURES = Path.of("target", "screenshots");
    private static final String MARKUP = "<img src=x onerror=\"window.hacked=1\">";
    private static final List<String> PAGES = List.of(
            "/runs",
            "/run?name=trained",
            "/audits",
            "/audit?file=log.audit.json",
            "/texts?file=log.audit.json&prompt=first+prompt",
            "/drop",
            "/log?file=log.jsonl",
            "/experiments",
            "/worlds?name=authors",
            "/compare?file=log.audit.json&file=again.audit.json&name=trained&name=tuned",
            "/work");

    /** Headings that leave out a level, heads of columns without a name, lists whose entries are none. */
    private static final String STRUCTURE = """
            (() => {
              const levels = [...document.querySelectorAll('h1, h2, h3, h4')].filter(e => e.checkVisibility()).map(e => Number(e.tagName[1]));
              const jumps = levels.filter((level, at) => at > 0 && level > levels[at - 1] + 1).map(level => 'h' + level);
              const heads = [...document.querySelectorAll('th')].filter(e => !e.textContent.trim()).map(e => e.outerHTML);
              const lists = [...document.querySelectorAll('ul[role], ol[role]')].map(e => e.outerHTML);
              const twice = [...document.querySelectorAll('[id]')].filter(e => document.querySelectorAll('#' + CSS.escape(e.id)).length > 1).map(e => e.id);
              return [...jumps, ...heads, ...lists, ...twice];
            })()""";

    private static final Page.WaitForConditionOptions PATIENT = new Page.WaitForConditionOptions().setTimeout(120_000);

    @TempDir
    private static Path runs;

    private Served served;
    private Playwright playwright;
    private Browser browser;
    private final List<BrowserContext> contexts = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();

    @BeforeAll
    void start() throws IOException {
        boolean there = Files.isExecutable(CHROMIUM);
        if (!there && "true".equals(System.getenv("CI"))) {
            throw new AssertionError(CHROMIUM + " is missing, which CI must have: apt-get install chromium");
        }
        assumeTrue(there, CHROMIUM + " is not installed, so the page was not looked at in a browser");
        Files.createDirectories(PICTURES);
        Served.writeLog(runs.resolve("log.jsonl"), MARKUP);
        served = new Served(runs);
        WebPagesTest.command(
                "audit",
                runs.resolve("log.jsonl").toString(),
                "--beta",
                "1",
                "--json",
                runs.resolve("log.audit.json").toString());
        Files.copy(runs.resolve("log.audit.json"), runs.resolve("again.audit.json"));
        for (String name : List.of("trained", "tuned")) {
            Path run = Files.createDirectories(runs.resolve(name));
            Files.writeString(
                    run.resolve("run.json"),
                    "{\"schema\":\"credence.run/1\",\"credence\":\"x\",\"kind\":\"condition\",\"started\":\"2026-11-26\",\"settings\":{\"steps\":\"9\",\"method\":\"rloo\",\"reward\":\"min(1,0.125*count:\\\\b(love|hate|envy|mercy)\\\\b)\"}}");
            write(run, 4);
        }
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(CHROMIUM)
                        .setArgs(List.of("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")));
    }

    private static void write(Path run, int steps) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int step = 1; step <= steps; step++) {
            lines.append("{\"step\":" + step + ",\"loss\":" + 2.0 / step + ",\"kl\":" + 0.1 * step + ",\"reward\":"
                    + 0.5 * step + "}\n");
        }
        Files.writeString(run.resolve("metrics.jsonl"), lines);
    }

    @AfterEach
    void leave() {
        contexts.forEach(BrowserContext::close);
        contexts.clear();
        complaints.clear();
    }

    @AfterAll
    void stop() {
        if (playwright != null) {
            playwright.close();
        }
        if (served != null) {
            served.close();
        }
    }

    private Page open(int width, ColorScheme scheme) {
        BrowserContext context = browser.newContext(
                new Browser.NewContextOptions().setViewportSize(width, 900).setColorScheme(scheme));
        contexts.add(context);
        Page page = context.newPage();
        page.onConsoleMessage(message -> complaints.add(message.type() + ": " + message.text()));
        page.onPageError(error -> complaints.add("error: " + error));
        page.onRequest(request -> {
            if (!request.url().startsWith("http://127.0.0.1:" + served.port() + "/")) {
                complaints.add("request: " + request.url());
            }
        });
        page.navigate(served.address().toString());
        page.waitForSelector("[data-ready]");
        return page;
    }

    private static void go(Page page, String to) {
        page.evaluate("to => { location.hash = to; }", to);
        page.waitForSelector("[data-page='" + to.substring(1).replaceFirst("\\?.*", "") + "'][data-ready]");
    }

    @ParameterizedTest
    @CsvSource({"1280,LIGHT", "1280,DARK", "390,LIGHT", "390,DARK"})
    void everyPageLooksRightAt(int width, ColorScheme scheme) {
        Page page = open(width, scheme);
        assertThat(page.url()).as("the token is not left in the address").doesNotContain("token");
        for (String to : PAGES) {
            go(page, to);
            String name = to.substring(1).replaceFirst("\\?.*", "");
            assertThat(page.locator("main .error").count()).as(to).isZero();
            assertThat(page.locator("h1").first().isVisible()).as(to).isTrue();
            assertThat((Integer) page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
                    .as("%s is wider than the screen by", to)
                    .isLessThanOrEqualTo(0);
            assertThat(
                            (Integer)
                                    page.evaluate(
                                            "Math.max(0, ...[...document.querySelectorAll('.scroll')].map(e => e.scrollWidth - e.clientWidth))"))
                    .as("a table of %s is wider than its place by", to)
                    .isLessThanOrEqualTo(0);
            assertThat(page.evaluate(
                            "[...document.querySelectorAll('button, main a, input:not([type=file]), select, textarea')]"
                                    + ".filter(e => !(e.textContent.trim() || e.ariaLabel || (e.labels && e.labels.length)))"
                                    + ".map(e => e.outerHTML)"))
                    .as("what a keyboard reaches and no reader can name, of %s", to)
                    .isEqualTo(List.of());
            assertThat(page.evaluate(STRUCTURE))
                    .as("what a screen reader stumbles over, of %s", to)
                    .isEqualTo(List.of());
            assertThat(page.locator(".plot").count())
                    .as("drawings of %s", to)
                    .isEqualTo(page.locator(".plot canvas").count());
            page.screenshot(new Page.ScreenshotOptions()
                    .setFullPage(true)
                    .setPath(PICTURES.resolve(
                            name + "-" + width + "-" + scheme.name().toLowerCase(java.util.Locale.ROOT) + ".png")));
        }
        assertThat(page.evaluate("window.hacked === undefined"))
                .as("no text is a script")
                .isEqualTo(true);
        assertThat(complaints).as("messages of the console, and requests").isEmpty();
    }

    @Test
    void aRunIsSeenAsItGoesOn() throws IOException {
        Page page = open(1280, ColorScheme.LIGHT);
        go(page, "/run?name=trained");
        String before = page.locator(".plot").first().getAttribute("aria-label");
        write(runs.resolve("trained"), 8);
        page.waitForCondition(() -> !before.equals(page.locator(".plot").first().getAttribute("aria-label")));
        assertThat(page.locator(".plot").first().getAttribute("aria-label")).contains("at step 8");
        assertThat(page.locator("main").textContent())
                .contains("credence resume " + runs.toRealPath().resolve("trained"));
        write(runs.resolve("trained"), 4);
        assertThat(complaints).isEmpty();
    }

    /** What is drawn again under a reader stays as the reader had it: unfolded, sorted, and with the keyboard where it was. */
    @Test
    void whatIsDrawnAgainStaysAsTheReaderHadIt() throws IOException {
        Page page = open(1280, ColorScheme.LIGHT);
        go(page, "/run?name=trained");
        page.locator("summary", new Page.LocatorOptions().setHasText("Settings"))
                .last()
                .press("Enter");
        String before = page.locator(".plot").first().getAttribute("aria-label");
        write(runs.resolve("trained"), 7);
        page.waitForCondition(() -> !before.equals(page.locator(".plot").first().getAttribute("aria-label")));
        assertThat(page.locator("details[open] > summary").allTextContents()).contains("Settings");
        assertThat(page.evaluate("document.activeElement.textContent")).isEqualTo("Settings");
        go(page, "/runs");
        page.locator("thead button", new Page.LocatorOptions().setHasText("Step"))
                .press("Enter");
        page.locator("thead button", new Page.LocatorOptions().setHasText("Step"))
                .press("Enter");
        page.locator("tbody a", new Page.LocatorOptions().setHasText("tuned")).focus();
        write(runs.resolve("tuned"), 8);
        page.waitForCondition(
                () -> page.locator("tbody tr").first().textContent().contains("8"));
        assertThat(page.locator("thead th[aria-sort='descending']").textContent())
                .isEqualTo("Step");
        assertThat(page.evaluate("document.activeElement.textContent")).isEqualTo("tuned");
        write(runs.resolve("trained"), 4);
        write(runs.resolve("tuned"), 4);
        assertThat(complaints).isEmpty();
    }

    @Test
    void runsAreLaidOverEachOtherAndFollowed() throws IOException {
        Page page = open(1280, ColorScheme.LIGHT);
        go(page, "/compare");
        for (String name : List.of("trained", "tuned")) {
            page.getByLabel("Compare " + name, new Page.GetByLabelOptions().setExact(true))
                    .check();
        }
        page.waitForSelector(".runs-compared");
        page.waitForCondition(() -> page.locator(".runs-compared tbody tr").count() == 2);
        assertThat(page.url()).contains("name=trained&name=tuned");
        assertThat(page.locator("#runs-frontier").getAttribute("aria-label"))
                .startsWith("Reward against KL from the prior")
                .contains("tuned from 0.5 at 0.1 to 2 at 0.4");
        write(runs.resolve("tuned"), 6);
        page.waitForCondition(() ->
                page.locator("#runs-reward").getAttribute("aria-label").contains("tuned from 0.5 at 1 to 3 at 6"));
        write(runs.resolve("tuned"), 4);
        assertThat(complaints).isEmpty();
    }

    /** Work goes on when the page that began it is left, and is found again. */
    @Test
    void workIsFoundAgainWhereverItWasBegun() {
        Page page = open(390, ColorScheme.LIGHT);
        go(page, "/log?file=log.jsonl");
        page.locator("#beta").fill("1");
        page.locator("#beta").press("Enter");
        page.waitForSelector("main .state.running");
        go(page, "/worlds?name=t1");
        page.locator("#work a").click();
        page.waitForSelector("[data-page='work'][data-ready]");
        Locator job = page.locator("[data-job]").first();
        assertThat(job.locator("h2").textContent()).isEqualTo("audit log.jsonl");
        page.waitForCondition(() -> job.locator(".state.done").count() == 1, PATIENT);
        job.locator("summary").press("Enter");
        assertThat(job.locator("pre").first().textContent())
                .startsWith("credence audit ")
                .contains("--beta=1");
        job.locator("a", new Locator.LocatorOptions().setHasText("The audit")).click();
        page.waitForSelector("[data-page='audit'][data-ready]");
        assertThat(page.locator(".key-number").first().textContent()).isNotBlank();
        assertThat(complaints).isEmpty();
    }

    /** Several methods are one run without figures of its own: no empty axes, and the way to each with where it stands. */
    @Test
    void aRunOfSeveralMethodsLeadsToThem() throws IOException {
        Path all = Files.createDirectories(runs.resolve("joint"));
        Path one = Files.createDirectories(all.resolve("rloo"));
        String record = "{\"schema\":\"credence.run/1\",\"credence\":\"x\",\"kind\":\"%s\",\"started\":\"2026-11-26\","
                + "\"settings\":{\"steps\":\"9\"}}";
        Files.writeString(all.resolve("run.json"), String.format(record, "methods"));
        Files.writeString(one.resolve("run.json"), String.format(record, "condition"));
        write(one, 3);
        Page page = open(1280, ColorScheme.DARK);
        go(page, "/run?name=joint");
        assertThat(page.locator(".plot").count()).isZero();
        assertThat(page.locator("main").textContent()).contains("No figures of its own are kept of this run");
        assertThat(page.locator("main li").allTextContents()).containsExactly("joint/rloo resumable");
        page.locator("main li a").click();
        page.waitForSelector(".plot canvas");
        assertThat(page.locator("h1").textContent()).isEqualTo("joint/rloo");
        assertThat(complaints).isEmpty();
    }

    @Test
    void promptsAreFilteredAndLeadToTheirTexts() {
        Page page = open(1280, ColorScheme.LIGHT);
        go(page, "/audit?file=log.audit.json");
        page.locator("#prompt-filter").fill("second");
        assertThat(page.locator("table.prompts tbody tr:visible").count()).isEqualTo(1);
        page.locator("table.prompts tbody tr:visible a").click();
        page.waitForSelector("[data-page='texts'][data-ready]");
        assertThat(page.locator(".side .text").allTextContents()).contains(MARKUP);
        assertThat(page.locator("main img").count()).isZero();
        assertThat(complaints).isEmpty();
    }

    /** The table of a comparison is read whole where there is room for it, whatever its audits and rewards are called. */
    @Test
    void auditsAreComparedWithoutScrollingSideways() throws IOException {
        String folder = "run-of-a-rather-long-name-2026-11-26/checkpoint-012000";
        Path deep = Files.createDirectories(runs.resolve(folder));
        String audit = Files.readString(runs.resolve("log.audit.json"))
                .replace(
                        "\"reward\" : \"reward\"",
                        "\"reward\" : \"min(1,0.125*count:\\\\b(love|hate|envy|mercy)\\\\b)\"")
                .replace("\"beta\" : \"1.0\"", "\"beta\" : \"0.033333333333\"");
        Files.writeString(deep.resolve("policy-against-prior.audit.json"), audit);
        try {
            Page page = open(1280, ColorScheme.LIGHT);
            go(page, "/compare?file=log.audit.json&file=" + folder + "/policy-against-prior.audit.json");
            assertThat(page.locator(".compared").textContent()).contains("love|hate", "0.0333", "policy-against-prior");
            assertThat(
                            (Integer)
                                    page.evaluate(
                                            "Math.max(...[...document.querySelectorAll('.scroll')].map(e => e.scrollWidth - e.clientWidth))"))
                    .isLessThanOrEqualTo(0);
            page.screenshot(
                    new Page.ScreenshotOptions().setFullPage(true).setPath(PICTURES.resolve("compare-long-names.png")));
            assertThat(complaints).isEmpty();
        } finally {
            Files.delete(deep.resolve("policy-against-prior.audit.json"));
        }
    }

    /** Names that somebody chose to be taken for something else, as files, runs and what a run says of itself. */
    @Test
    void hostileNamesAreShownAsTheyAre() throws IOException {
        List<String> names = List.of(
                MARKUP.replace("/", "") + "\u202Egnp",
                "\u001b[31mred\u001b[0m\nlines\r\u2066",
                "..%2f..%2fetc%2fpasswd",
                "a?b#c&d=e+f;g",
                "a\\b\"c'`$(id)`",
                "W".repeat(150));
        List<Path> made = new ArrayList<>();
        String record = Files.readString(runs.resolve("trained/run.json"));
        try {
            for (String name : names) {
                made.add(Files.copy(runs.resolve("log.jsonl"), runs.resolve(name + ".jsonl")));
                made.add(Files.copy(runs.resolve("log.audit.json"), runs.resolve(name + ".json")));
                Path run = Files.createDirectory(runs.resolve(name));
                made.add(Files.writeString(run.resolve("run.json"), record));
                made.add(Files.writeString(run.resolve("metrics.jsonl"), "{\"step\":1,\"loss\":2.0}\n"));
                made.add(run);
            }
            Page page = open(390, ColorScheme.LIGHT);
            for (String name : names) {
                String file = Served.encoded(name + ".json");
                for (String to : List.of(
                        "/runs",
                        "/run?name=" + Served.encoded(name),
                        "/audits",
                        "/audit?file=" + file,
                        "/log?file=" + Served.encoded(name + ".jsonl"),
                        "/compare?file=" + file + "&file=log.audit.json")) {
                    go(page, to);
                    assertThat(page.locator("main .error").allTextContents())
                            .as(to)
                            .isEmpty();
                    assertThat(page.locator("main").textContent()).as(to).doesNotContain("\u202E", "\u2066", "\u001b");
                    assertThat((Integer) page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
                            .as("%s is wider than the screen by", to)
                            .isLessThanOrEqualTo(0);
                }
            }
            go(page, "/audits");
            assertThat(page.locator("main").textContent())
                    .contains("<img src=x onerror", "⟨U+202E⟩gnp", "⟨U+001B⟩[31m", "%2fetc");
            go(page, "/run?name=" + Served.encoded(names.get(4)));
            assertThat(page.locator("main").textContent())
                    .contains("credence resume '" + runs.toRealPath() + "/a\\b\"c'\\''`$(id)`'");
            assertThat(page.locator("main img").count()).isZero();
            assertThat(page.evaluate("window.hacked === undefined")).isEqualTo(true);
            assertThat(complaints).isEmpty();
        } finally {
            for (Path file : made) {
                Files.delete(file);
            }
        }
    }

    @Test
    void aLogIsDroppedMappedAndAudited() throws IOException {
        Page page = open(1280, ColorScheme.LIGHT);
        go(page, "/drop");
        byte[] log = Files.readString(runs.resolve("log.jsonl"))
                .replace("\"reward\":", "\"score\":")
                .replace("\"source\":", "\"who\":")
                .getBytes(StandardCharsets.UTF_8);
        page.locator("#log-file")
                .setInputFiles(new com.microsoft.playwright.options.FilePayload("mine.jsonl", "application/json", log));
        page.waitForSelector("[data-page='log'][data-ready]");
        assertThat(page.locator(".state.failed").allTextContents()).hasSize(2);
        page.locator("#field-reward").selectOption("score");
        page.locator("#field-source").selectOption("who");
        page.locator("#beta").fill("1");
        page.locator("#beta").press("Enter");
        page.waitForSelector("[data-page='audit'][data-ready]", new Page.WaitForSelectorOptions().setTimeout(120_000));
        assertThat(page.locator(".key-number").first().textContent()).isNotBlank();
        go(page, "/drop");
        String dropped = "[data-remove='dropped-mine/mine.jsonl']";
        page.locator(dropped).click();
        assertThat(runs.resolve("dropped-mine/mine.jsonl")).exists();
        page.locator(dropped).click();
        page.waitForCondition(() -> page.locator(dropped).count() == 0);
        assertThat(runs.resolve("dropped-mine/mine.jsonl")).doesNotExist();
        assertThat(page.locator("[data-remove]").count()).isZero();
        assertThat(complaints).isEmpty();
    }

    @Test
    void aWrongTokenIsRefusedInWords() {
        BrowserContext context = browser.newContext();
        contexts.add(context);
        Page page = context.newPage();
        for (String query : List.of("", "?token=wrong", "?token=")) {
            Response answer = page.navigate("http://127.0.0.1:" + served.port() + "/" + query);
            assertThat(answer.status()).as(query).isEqualTo(401);
            assertThat(page.locator("body").textContent())
                    .as(query)
                    .contains("open the address that the program printed");
            assertThat(page.locator("h1").textContent()).as(query).isEqualTo("This page is closed to this browser");
            assertThat(page.locator("nav, form, script").count()).as(query).isZero();
        }
        assertThat(context.cookies()).isEmpty();
    }

    /** A log too large for an upload is told so; one that lies in the folder is looked into by its first records alone. */
    @Test
    void aHugeLogIsLookedIntoAndNotDropped() throws IOException {
        String log = Files.readString(runs.resolve("log.jsonl"));
        Path huge = Files.writeString(runs.resolve("huge.jsonl"), log.repeat(400));
        try {
            Page page = open(1280, ColorScheme.LIGHT);
            go(page, "/log?file=huge.jsonl");
            assertThat(page.locator("main").textContent()).contains("47.9 MiB", "the first 200 records");
            assertThat(page.locator("#field-reward").textContent()).contains("as it is: reward");
            go(page, "/drop");
            page.locator("#log-file").setInputFiles(huge);
            page.waitForSelector("main .error");
            assertThat(page.locator("main .error").textContent()).containsPattern("bytes at most|too large");
            assertThat(runs.resolve("dropped-huge")).doesNotExist();
        } finally {
            Files.delete(huge);
        }
    }

    /** Both tabs see it go, fail and go on; either can stop it. */
    @Test
    void aRunKilledUnderTwoTabsGoesOnFromOneAndIsStoppedFromTheOther() throws Exception {
        ObjectNode asked =
                Served.JSON.createObjectNode().put("name", "mode-collapse").put("quick", true);
        JsonNode job = served.json("/api/experiments", asked.toString());
        String to = "/run?name=" + job.path("target").asText();
        while (!Files.exists(runs.resolve(job.path("target").asText()).resolve("run.json"))) {
            Thread.sleep(10);
        }
        Page first = open(1280, ColorScheme.LIGHT);
        Page second = contexts.get(contexts.size() - 1).newPage();
        second.navigate(served.address().toString());
        second.waitForSelector("[data-ready]");
        for (Page page : List.of(first, second)) {
            go(page, to);
            page.waitForSelector(".actions .state.running");
        }
        ProcessHandle.of(job.path("pid").asLong()).orElseThrow().destroyForcibly();
        for (Page page : List.of(first, second)) {
            page.waitForSelector(".actions .state.resumable");
            assertThat(page.locator(".state.failed").count()).isPositive();
        }
        second.locator("button", new Page.LocatorOptions().setHasText("Resume")).click();
        first.waitForSelector(".actions .state.running");
        first.locator("button", new Page.LocatorOptions().setHasText("Stop"))
                .first()
                .click();
        second.waitForSelector(".actions .state.resumable");
        assertThat(second.locator(".state.stopped").count()).isPositive();
    }

    @Test
    void aPosteriorMovesWithBeta() {
        Page page = open(1280, ColorScheme.LIGHT);
        go(page, "/worlds?name=t1");
        String before = page.locator("[data-log-z]").getAttribute("data-log-z");
        page.locator("#beta").fill("0.5");
        page.waitForCondition(() -> !before.equals(page.locator("[data-log-z]").getAttribute("data-log-z")));
        double z = 0.4 + 0.3 * Math.exp(2) + 0.2 * Math.exp(4) + 0.1 * Math.exp(6);
        assertThat(Double.parseDouble(page.locator("[data-log-z]").getAttribute("data-log-z")))
                .isCloseTo(Math.log(z), org.assertj.core.api.Assertions.within(1e-9));
        go(page, "/worlds?name=authors");
        String graph = page.locator(".graph").innerHTML();
        assertThat(graph).contains("author", "fill-opacity=");
        page.locator("#beta").fill("5");
        page.waitForCondition(() -> !graph.equals(page.locator(".graph").innerHTML()));
        page.locator("#yaml").fill("prior: {a: 1.5}");
        page.waitForSelector(".error");
        assertThat(page.locator(".error").textContent()).contains("world.yaml");
    }

    /** What was changed is there when the page is come back to, and can be kept as a file and opened again. */
    @Test
    void aWorldThatWasChangedIsNotLost() throws IOException {
        Page page = open(1280, ColorScheme.LIGHT);
        go(page, "/worlds?name=t1");
        String world = "prior: {a: 0.5, b: 0.5}\nreward: {a: 0, b: 1}\n";
        page.locator("#yaml").fill(world);
        page.locator("#beta").fill("2");
        go(page, "/runs");
        go(page, "/worlds");
        assertThat(page.locator("#yaml").inputValue()).isEqualTo(world);
        double z = Math.log(0.5 + 0.5 * Math.exp(0.5));
        assertThat(Double.parseDouble(page.locator("[data-log-z]").getAttribute("data-log-z")))
                .isCloseTo(z, org.assertj.core.api.Assertions.within(1e-9));
        Download saved = page.waitForDownload(() -> page.locator("#save").press("Enter"));
        assertThat(saved.suggestedFilename()).isEqualTo("world.yaml");
        Path file = PICTURES.resolve("kept-world.yaml");
        saved.saveAs(file);
        assertThat(file).hasContent(world);
        go(page, "/worlds?name=t1");
        assertThat(page.locator("#yaml").inputValue()).contains("c: 0.2");
        page.locator("#world-file").setInputFiles(file);
        page.waitForCondition(() -> page.locator("#yaml").inputValue().equals(world));
        Files.delete(file);
        assertThat(complaints).isEmpty();
    }

    @Test
    void theKeyboardReachesThePagesAndTheTheme() {
        Page page = open(1280, ColorScheme.LIGHT);
        page.keyboard().press("Tab");
        assertThat(page.evaluate("document.activeElement.textContent")).isEqualTo("Skip to the page");
        page.locator("nav a", new Page.LocatorOptions().setHasText("Worlds")).press("Enter");
        page.waitForSelector("[data-page='worlds'][data-ready]");
        assertThat(page.locator("nav a[aria-current='page']").textContent()).isEqualTo("Worlds");
        String ground = "getComputedStyle(document.body).backgroundColor";
        Object light = page.evaluate(ground);
        page.locator("#theme").press("Enter");
        assertThat(page.evaluate(ground)).isNotEqualTo(light);
        assertThat(complaints).isEmpty();
    }
}
