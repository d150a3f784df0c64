# Perigee. `make help` lists the targets; V=1 shows the commands, SAN=1 builds
# with the address and undefined-behaviour sanitizers, COV=1 for coverage,
# RELEASE=1 optimises the program as a whole (what `make release` does).

ifeq ($(origin CC),default) # make knows a CC of its own: cc
CC      := gcc
endif
clang   := $(findstring clang,$(CC))
comma   := ,
CFLAGS  ?= $(if $(COV),-O0,-O2) -g
PREFIX  ?= /usr/local
VARIANT := $(notdir $(lastword $(CC)))$(if $(SAN),-san)$(if $(COV),-cov)$(if $(RELEASE),-release)
OUT     := build/$(VARIANT)

PACKAGES := gcc clang libclang-rt-14-dev llvm make pkg-config liblua5.4-dev lua5.4 lua-cjson-dev \
            libuv1-dev libssl-dev libsqlite3-dev libjsmn-dev libcmocka-dev libgmp-dev \
            lua-busted lua-check clang-format cppcheck gcovr
LIBRARIES := lua5.4 libuv openssl sqlite3

SAN_FLAGS := $(if $(SAN),-fsanitize=address -fsanitize=undefined -fno-sanitize-recover=all -fno-omit-frame-pointer) \
             $(if $(FUZZ),-fsanitize=fuzzer-no-link)
# One runtime, shared: busted loads the module into an interpreter that knows no sanitizer, and
# gets the runtime by preloading it.
ifdef SAN
SAN_RUNTIME = $(shell $(CC) -print-file-name=$(if $(clang),libclang_rt.asan-$(shell uname -m),libasan).so)
SAN_LINK    = $(SAN_FLAGS) $(if $(clang),-shared-libasan -Wl$(comma)-rpath=$(dir $(SAN_RUNTIME)))
endif
COV_FLAGS := $(if $(COV),--coverage)
# Across files only with gcc: Debian's clang has no plugin for the linker. A release is built
# twice: the first program counts where .ci/train leads it (TRAIN=1), the second knows the counts.
USE_GCC  := -fprofile-use -fprofile-partial-training -fprofile-correction -Wno-missing-profile \
            --param hot-bb-count-ws-permille=1000
USE_CLANG = -fprofile-use=$(OUT)/counts.profdata -Wno-profile-instr-unprofiled
# On x86 gcc clears and copies structs by `rep`, which takes longer to begin than they to end.
STRINGS  := $(if $(clang),,$(if $(filter x86_64,$(shell uname -m)),$(foreach f,cpy set,\
              -mmem$(f)-strategy=vector_loop:1024:noalign$(comma)libcall:-1:noalign)))
RELEASE_FLAGS = $(if $(RELEASE),-O3 $(STRINGS) $(if $(clang),,-flto=auto) \
                $(if $(TRAIN),-fprofile-generate,$(if $(clang),$(USE_CLANG),$(USE_GCC))))
# Asked of pkg-config when a recipe runs, not before: `make deps` may install it.
FLAGS = -std=c11 -D_GNU_SOURCE $(if $(RELEASE),-fPIE,-fPIC) -Icore -MMD -MP \
        -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes \
        -Wmissing-prototypes -Wvla -Werror $(SAN_FLAGS) $(COV_FLAGS) \
        $(addprefix -isystem ,$(patsubst -I%,%,$(shell pkg-config --cflags-only-I $(LIBRARIES))))
# A release holds Lua itself: a call of it costs no detour.
LIBS = $(if $(RELEASE),-l:liblua5.4.a) $(shell pkg-config --libs $(LIBRARIES)) -llua5.4-cjson -lm -lpthread

SRC      := $(sort $(wildcard core/*/*.c))
LIB_SRC  := $(filter-out core/app/main.c core/app/module.c,$(SRC))
LUA_SRC  := $(sort $(wildcard lua/*/*.lua lua/*/*/*.lua))
TEST_SRC := $(sort $(wildcard tests/c/*/*_test.c))
FUZZ_SRC := $(sort $(wildcard tests/fuzz/*_fuzz.c))
HEADERS  := $(sort $(wildcard core/*/*.h))
LIB_OBJ  := $(LIB_SRC:%.c=$(OUT)/%.o) $(OUT)/gen/lua_files.o
BENCHES  := $(patsubst tests/bench/%.c,$(OUT)/bench/%,$(wildcard tests/bench/*.c))
TESTS    := $(TEST_SRC:tests/c/%.c=$(OUT)/tests/%)

Q   := $(if $(V),,@)
say  = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')

.DEFAULT_GOAL := all
.PHONY: all deps demo test test-c test-lua check bench bench-run release program run format lint \
        layers headers docs install clean help cover mutants crash-sweep simulate fuzz
.SECONDARY:

all: build/perigee build/perigee.so ## build the program and its Lua module

$(OUT)/perigee: $(OUT)/core/app/main.o $(OUT)/libperigee.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(SAN_LINK) $(COV_FLAGS) $(RELEASE_FLAGS) $(LDFLAGS) $(if $(RELEASE),,-rdynamic) -o $@ $^ $(LIBS)

$(OUT)/perigee.so: $(OUT)/core/app/module.o $(OUT)/libperigee.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(SAN_LINK) $(COV_FLAGS) $(LDFLAGS) -shared -o $@ $^ $(LIBS)

# By content, not by time: another variant may have been copied later.
build/perigee build/perigee.so: build/%: $(OUT)/% FORCE
	$(Q)cmp -s $< $@ || cp $< $@
.PHONY: FORCE

$(OUT)/libperigee.a: $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(if $(RELEASE),gcc-ar,ar) crs $@ $^

$(OUT)/tests/%.o: FLAGS += -Itests/c
$(OUT)/%.o: %.c
	$(Q)mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(FLAGS) $(CFLAGS) $(RELEASE_FLAGS) -c -o $@ $<

$(OUT)/gen/lua_files.o: $(OUT)/gen/lua_files.c
	$(Q)$(CC) $(FLAGS) $(CFLAGS) $(RELEASE_FLAGS) -c -o $@ $<

# Every script under lua/ is compiled in, so that an installed Perigee is complete.
$(OUT)/gen/lua_files.c: $(LUA_SRC) .ci/embed
	$(Q)mkdir -p $(@D)
	$(Q)sh .ci/embed $(LUA_SRC) > $@

$(OUT)/tests/%: $(OUT)/tests/c/%.o $(OUT)/tests/c/check.o $(OUT)/libperigee.a
	$(Q)mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(SAN_LINK) $(COV_FLAGS) $(LDFLAGS) -rdynamic -o $@ $^ $(LIBS) -lcmocka -lgmp

$(OUT)/%_fuzz: $(OUT)/tests/fuzz/%_fuzz.o $(OUT)/libperigee.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(SAN_FLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LIBS)

deps: ## install what Debian 12 provides by name (idempotent; sudo when not root)
	$(Q)sh .ci/deps $(PACKAGES)

demo: deps ## the main job on the embedded mock broker
	$(Q)$(MAKE) --no-print-directory all
	$(Q)sh examples/demo.sh

test: deps ## dependencies, build, all tests
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(MAKE) --no-print-directory test-binaries
	$(Q)PRELOAD='$(SAN_RUNTIME)' sh tests/run $(OUT)

test-binaries: $(TESTS) $(BENCHES) $(OUT)/crash_sweep build/perigee build/perigee.so

test-c: $(TESTS) $(OUT)/crash_sweep ## the C tests alone (T=model/order_test for one)
	$(Q)LUA=no sh tests/run $(OUT) $(T)

test-lua: all ## the busted specs alone
	$(Q)C=no PRELOAD='$(SAN_RUNTIME)' sh tests/run $(OUT)

check: lint layers headers docs-unchanged ## what keeps the tree in order

run: all ## build and run: make run ARGS="run --profile dev"
	$(Q)build/perigee $(ARGS)

# An include may only follow an arrow of this table; core/app may see everything.
ARROWS := model>base series>base,model io>base engine>base,model \
          venue>base,model,engine,io store>base,model,engine \
          script>base,model,series,engine lab>base,model,series,engine,venue,store,script
layers: ## includes only point down
	$(Q)awk -v arrows='$(ARROWS)' -f .ci/layers.awk core/*/*.[ch]

headers: $(HEADERS:%.h=$(OUT)/%.hok) ## every header compiles alone
$(OUT)/%.hok: %.h
	$(Q)mkdir -p $(@D)
	$(Q)printf '#include "%s"\ntypedef int not_empty;\n' '$(<:core/%=%)' | \
	  $(CC) $(filter-out -MMD -MP,$(FLAGS)) -fsyntax-only -x c - && touch $@

format: ## clang-format the C sources
	$(Q)clang-format -i $(SRC) $(HEADERS) $(wildcard tests/c/*.[ch] tests/c/*/*.[ch])

lint: ## formatting, sizes of functions and files, luacheck
	$(Q)sh .ci/lint

docs: build/perigee ## generate the reference pages from the tables in the program
	$(Q)build/perigee docs --out docs

docs-unchanged: build/perigee
	$(Q)build/perigee docs --out $(OUT)/docs
	$(Q)for f in $$(cd $(OUT)/docs && ls); do cmp docs/$$f $(OUT)/docs/$$f || \
	  { echo "docs/$$f is out of date: run make docs"; exit 1; }; done

FUZZ_SECONDS ?= 30
fuzz: ## random bytes for all that reads foreign bytes, FUZZ_SECONDS=30 each (T=json for one)
	$(Q)$(MAKE) --no-print-directory CC=clang SAN=1 FUZZ=1 OUT=build/fuzz \
	  $(FUZZ_SRC:tests/fuzz/%.c=build/fuzz/%)
	$(Q)sh tests/fuzz/run build/fuzz $(FUZZ_SECONDS) $(T)

# Two processes, a venue and an engine that is killed (tests/crash).
CRASH_OBJ := $(patsubst %.c,$(OUT)/%.o,$(wildcard tests/crash/*.c))
$(OUT)/crash_sweep: $(CRASH_OBJ) $(OUT)/libperigee.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(SAN_LINK) $(COV_FLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

crash-sweep: $(OUT)/crash_sweep ## kill the engine at every input and output of a day, and look what is lost
	$(Q)$(OUT)/crash_sweep

cover: ## line coverage of engine and model by the C tests, with its floor
	$(Q)$(MAKE) --no-print-directory CC=gcc COV=1 test-binaries
	$(Q)sh .ci/cover build/gcc-cov

mutants: test-binaries ## break the rules that guard money one by one; T="state limits degradation" for a part
	$(Q)CC="$(CC)" FLAGS="$(filter-out -MMD -MP,$(FLAGS))" LIBS="$(LIBS) -lcmocka -lgmp" JOBS=$(or $(JOBS),1) EVERY=$(or $(EVERY),1) \
	  lua5.4 tests/mutants/mutate.lua $(OUT) "$(T)"

SEEDS ?= 200
HOURS ?= 24
simulate: build/perigee ## engine and venue against each other, SEEDS=200 of HOURS=24 simulated hours
	$(Q)build/perigee simulate --seeds $(SEEDS) --hours $(HOURS)

release: ## the program as `make install` takes it, build/CC-release/perigee (four minutes)
	$(Q)$(MAKE) --no-print-directory RELEASE=1 program

program: $(OUT)/perigee

ifneq ($(and $(RELEASE),$(if $(TRAIN),,yes)),)
$(LIB_OBJ) $(OUT)/core/app/main.o $(patsubst %.c,$(OUT)/%.o,$(wildcard tests/bench/*.c)): $(OUT)/trained
endif
# Counts fit the sources they were made with: who edits while this runs begins again.
$(OUT)/trained: $(SRC) $(HEADERS) $(LUA_SRC) .ci/train
	$(Q)$(MAKE) --no-print-directory RELEASE=1 TRAIN=1 OUT=$(OUT)-train program
	$(call say,TRAIN,$(OUT)-train/perigee)
	$(Q)mkdir -p $(OUT) && find $(OUT)-train $(OUT) \( -name '*.gcda' -o -name '*.profraw' \) -delete
	$(Q)LLVM_PROFILE_FILE='$(CURDIR)'/$(OUT)-train/%p.profraw sh .ci/train $(OUT)-train/perigee
	$(Q)$(if $(clang),llvm-profdata merge -o $(OUT)/counts.profdata $(OUT)-train/*.profraw,\
	  cd $(OUT)-train && find . -name '*.gcda' -exec install -D {} '$(CURDIR)'/$(OUT)/{} \;)
	$(Q)touch $@

$(OUT)/bench/%: $(OUT)/tests/bench/%.o $(OUT)/libperigee.a
	$(Q)mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(SAN_LINK) $(COV_FLAGS) $(RELEASE_FLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

bench: ## speed and memory, after checking that the results are right
	$(Q)$(MAKE) --no-print-directory RELEASE=1 bench-run

bench-run: $(OUT)/perigee $(BENCHES)
	$(Q)CC="$(CC)" sh tests/bench/run $(OUT)

install: release ## install to DESTDIR/PREFIX
	install -Dm755 $(OUT)-release/perigee $(DESTDIR)$(PREFIX)/bin/perigee
	install -Dm644 LICENSE $(DESTDIR)$(PREFIX)/share/doc/perigee/LICENSE

clean: ## remove build/
	rm -rf build

help: ## this list
	$(Q)sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
