package dev.credence.spark;

import dev.credence.core.provenance.InputException;
import dev.credence.lab.engines.Engine;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;

/** Apache Spark, in this process ({@code local[2]}) or on a cluster. */
public final class SparkEngine implements Engine {
    private static final String MASTER = "spark.master";

    /** For the service loader. */
    public SparkEngine() {}

    @Override
    public String name() {
        return "spark";
    }

    @Override
    public Session open(@Nullable String master) {
        SparkConf conf = new SparkConf().setAppName("credence").setIfMissing("spark.ui.enabled", "false");
        conf.setIfMissing("spark.driver.maxResultSize", "0"); // steps' documents: the driver's memory is their limit
        if (master != null) {
            conf.setMaster(master);
        }
        conf.setIfMissing(MASTER, "local[*]");
        if (conf.get(MASTER).startsWith("local")) {
            conf.setIfMissing("spark.driver.host", "localhost").setIfMissing("spark.driver.bindAddress", "127.0.0.1");
        }
        try {
            return new SparkSession(new JavaSparkContext(conf));
        } catch (RuntimeException e) {
            throw notStarted(conf.get(MASTER), e);
        } catch (Exception e) { // Spark's own are checked and undeclared
            if (e instanceof SparkException) {
                throw notStarted(conf.get(MASTER), e);
            }
            throw new IllegalStateException(e);
        }
    }

    private static InputException notStarted(String master, Exception cause) {
        String said = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        InputException refused = InputException.ofSetting(
                "master",
                master,
                "it is local[N], spark://HOST:PORT, yarn or k8s://URL, and Spark must start there (" + said + ")");
        refused.initCause(cause);
        return refused;
    }
}
