# Fits the InstEval ratings with lme4, for a figure beside that of package
# evaluation/mixed on the same machine; `make lme4` runs both.
suppressMessages(library(lme4))
d <- read.csv(gzfile("evaluation/mixed/testdata/insteval/ratings.csv.gz"))
d$s <- factor(d$s)
d$d <- factor(d$d)
for (i in 1:3) {
  fit <- system.time(m <- lmer(y ~ 1 + (1 | s) + (1 | d), d, control = lmerControl(calc.derivs = FALSE)))
  var <- system.time(ranef(m, condVar = TRUE))
  cat(sprintf("lme4 %s: fit %.2f s, conditional variances %.2f s of processor time, criterion %.6f\n",
    packageVersion("lme4"), fit["user.self"], var["user.self"], REMLcrit(m)))
}
