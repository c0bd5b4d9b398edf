//! The arguments and their help, in Chinese.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::{ContextKind, ErrorKind};
use clap::{Args, Parser, Subcommand};

use super::workspace;

const TEMPLATE: &str = "{about}\n\n用法：{usage}\n\n{all-args}{after-help}";

#[derive(Debug, Parser)]
#[command(
    name = "dangtong",
    version,
    about = "党统：把全县的 Excel 报表变成可核对、可追溯的党建统计",
    help_template = TEMPLATE,
    subcommand_help_heading = "命令",
    subcommand_value_name = "命令",
    disable_help_subcommand = true,
    disable_help_flag = true,
    disable_version_flag = true,
    max_term_width = 100,
    after_help = "退出码：0 正常；1 有退回或未报的报表（verify 与原报告不同）；2 没能完成",
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    /// 显示帮助
    #[arg(short, long, global = true, action = clap::ArgAction::Help, help_heading = "通用")]
    help: Option<bool>,
    /// 显示版本
    #[arg(short = 'V', long, action = clap::ArgAction::Version, help_heading = "通用")]
    version: Option<bool>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// 建一个工作文件夹：带说明的定义、示例报表，建好就能运行
    #[command(help_template = TEMPLATE, override_usage = "dangtong init [选项] <文件夹>")]
    Init(InitOptions),
    /// 照一张现成的表（空表或填好的）拟出报表定义的草稿，每处注明依据的单元格；核对以后才放进管线
    #[command(help_template = TEMPLATE, override_usage = "dangtong draft [选项] <文件>")]
    Draft(DraftOptions),
    /// 用管线 tests 文件夹里的好行、坏行试审核：该指出的指出，该通过的通过
    #[command(help_template = TEMPLATE, override_usage = "dangtong test [选项]")]
    Test(TestOptions),
    /// 收表、审核、计算，生成整套报告
    #[command(help_template = TEMPLATE, override_usage = "dangtong run [选项]")]
    Run(RunOptions),
    /// 上交：审核本期报表，把要交给上级的数据（Parquet）连同清单写到文件夹里，个人信息留在本级
    #[command(help_template = TEMPLATE, override_usage = "dangtong collect --facts <目录> [选项]")]
    Collect(CollectOptions),
    /// 用本机和另一个引擎各算一遍本期的审核和指标，逐表说明是否全部相同，写出 certificate.json
    #[command(help_template = TEMPLATE, override_usage = "dangtong certify --engine <sc://主机:端口> [选项]")]
    Certify(CertifyOptions),
    /// 只收表和审核：登记收件，写出收报台账、催报名单和审核意见，不出报告
    #[command(help_template = TEMPLATE, override_usage = "dangtong check [选项]")]
    Check(CheckOptions),
    /// 生成表样：每个单位一个工作簿，含应报的各张表
    #[command(help_template = TEMPLATE, override_usage = "dangtong template --period <报告期> [选项]")]
    Template(TemplateOptions),
    /// 试算：改了定义（标准、审核、口径），以往各期会有什么变动
    #[command(help_template = TEMPLATE, override_usage = "dangtong plan --to <新管线目录> [选项]")]
    Plan(PlanOptions),
    /// 生成退回单：有问题的文件各一份，标出单元格，附审核说明表
    #[command(help_template = TEMPLATE, override_usage = "dangtong slips [选项]")]
    Slips(UnitOptions),
    /// 生成单位页：每个单位一个网页，只有它自己的数字、问题和要办的事，可以单独发给它
    #[command(help_template = TEMPLATE, override_usage = "dangtong page [选项]")]
    Page(UnitOptions),
    /// 定稿：报齐、没有未解决的强制，或逐个写明例外
    #[command(help_template = TEMPLATE, override_usage = "dangtong freeze [选项] <报告期>")]
    Freeze(FreezeOptions),
    /// 规则体检：从各期看，哪些审核从未触发、每期都触发、总被说明了结、从未能评估
    #[command(help_template = TEMPLATE, override_usage = "dangtong health [选项]")]
    Health(HealthOptions),
    /// 审计：核对报告、追溯数字
    #[command(subcommand, help_template = TEMPLATE, subcommand_help_heading = "命令", subcommand_value_name = "命令", disable_help_subcommand = true)]
    Audit(AuditCommand),
    /// 说明一项定义：审核、指标、报表、工作项目、代码表或内置审核
    #[command(help_template = TEMPLATE, override_usage = "dangtong explain [选项] <编号>")]
    Explain(ExplainOptions),
    /// 列出管线里的定义
    #[command(help_template = TEMPLATE, override_usage = "dangtong list [选项] <类别>")]
    List(ListOptions),
    /// 生成说明文档：报表、审核、指标的说明页和定义文件的 JSON Schema
    #[command(help_template = TEMPLATE, override_usage = "dangtong docs [选项]")]
    Docs(DocsOptions),
    /// 把定义文件整理成统一的写法：报表的栏一行一个，省去默认值，注释保留，内容不变
    #[command(help_template = TEMPLATE, override_usage = "dangtong fmt [选项]")]
    Fmt(FmtOptions),
    /// 生成命令行补全脚本
    #[command(help_template = TEMPLATE)]
    Completions {
        /// bash、zsh、fish、elvish 或 powershell
        #[arg(value_name = "SHELL", help_heading = "参数")]
        shell: clap_complete::Shell,
    },
    /// Reads one risky file for the parent process.
    #[command(hide = true)]
    InternalRead { memory: u64 },
}

#[derive(Debug, Args)]
pub(super) struct InitOptions {
    /// 新的文件夹，不能已有文件
    #[arg(value_name = "文件夹", help_heading = "参数")]
    pub folder: PathBuf,
    /// 县名，写进各个文件，默认 示例县
    #[arg(
        long,
        value_name = "县名",
        default_value = "示例县",
        hide_default_value = true,
        help_heading = "选项"
    )]
    pub county: String,
}

/// Where the definitions are.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct PipelineOption {
    /// 管线目录（含 pipeline.toml），默认工作文件夹的 pipeline，不在工作文件夹里的是 pipelines/zuoquan
    #[arg(
        id = "pipeline",
        long = "pipeline",
        value_name = "目录",
        default_value_os_t = workspace::pipeline(),
        hide_default_value = true,
        help_heading = "选项"
    )]
    pub folder: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct TestOptions {
    #[command(flatten)]
    pub pipeline: PipelineOption,
}

#[derive(Debug, Args)]
pub(super) struct DraftOptions {
    /// Excel、WPS、ods 或 csv 文件
    #[arg(value_name = "文件", help_heading = "参数")]
    pub file: PathBuf,
    /// 写进这个文件（不能已有），默认显示在屏幕上
    #[arg(long, value_name = "文件", help_heading = "选项")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Clone, Default, Args)]
pub(super) struct SourceOptions {
    #[command(flatten)]
    pub pipeline: PipelineOption,
    /// 报表目录（每期一个文件夹），默认工作文件夹的 returns，不在工作文件夹里的是 sample-data/<管线>/returns
    #[arg(long, value_name = "目录", help_heading = "选项")]
    pub returns: Option<PathBuf>,
    /// 报告期，即上报文件夹的名字，默认最近一期
    #[arg(long, value_name = "2013-10", help_heading = "选项")]
    pub period: Option<String>,
    /// 线程数，默认全部；结果与线程数无关
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "选项")]
    pub threads: Option<u16>,
    /// 读过的报表记在哪里，默认用户的缓存目录；随时可以删除，不影响结果
    #[arg(long, value_name = "目录", help_heading = "选项")]
    pub cache: Option<PathBuf>,
    /// 全部重新读取，也不记下
    #[arg(long, conflicts_with = "cache", help_heading = "选项")]
    pub no_cache: bool,
}

impl SourceOptions {
    /// What is meant when nothing is named.
    pub(super) fn of_workspace() -> Self {
        let pipeline = PipelineOption { folder: workspace::pipeline() };
        Self { pipeline, ..Self::default() }
    }
}

/// What units handed up, in place of returns.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Handups {
    /// 不读报表，读各单位用 collect 上交的数据：文件夹，可写多个，也可写包住它们的文件夹
    #[arg(long, value_name = "目录", num_args = 1.., conflicts_with = "returns", help_heading = "选项")]
    pub facts: Vec<PathBuf>,
    /// 用上交的数据时，只报这个单位：写登记册里有下属单位的名称或代码；报告如同由它自己作出
    #[arg(long, value_name = "单位", requires = "facts", help_heading = "选项")]
    pub at: Option<String>,
}

/// What a report was made from, where it is not where the workspace has it.
#[derive(Debug, Args)]
pub(super) struct MadeFrom {
    /// 报表目录，默认工作文件夹的 returns，不在工作文件夹里的是 sample-data/<管线>/returns
    #[arg(long, value_name = "目录", help_heading = "选项")]
    pub returns: Option<PathBuf>,
    #[command(flatten)]
    pub handups: Handups,
    /// 管线目录，默认工作文件夹的 pipeline，不在工作文件夹里的是 pipelines/<管线>
    #[arg(long, value_name = "目录", help_heading = "选项")]
    pub pipeline: Option<PathBuf>,
}

/// Where reports and the working papers beside them are.
#[derive(Debug, Args)]
pub(super) struct Reports {
    /// 报告目录：每期一个以报告期命名的文件夹，收报材料在其中的“收报”里，默认 reports
    #[arg(
        long,
        value_name = "目录",
        default_value_os_t = workspace::place("reports"),
        hide_default_value = true,
        help_heading = "选项"
    )]
    pub out: PathBuf,
}

/// How an engine elsewhere is asked.
#[derive(Debug, Args)]
pub(super) struct EngineTuning {
    /// 引擎也能读到的文件夹（如共享盘），计算用的数据临时放在里面，默认本机的临时文件夹
    #[arg(long, value_name = "目录", help_heading = "选项")]
    pub engine_files: Option<PathBuf>,
    /// 引擎多少秒没有回答就停下，默认 300
    #[arg(
        long,
        value_name = "秒",
        default_value_t = 300,
        hide_default_value = true,
        value_parser = clap::value_parser!(u64).range(1..),
        help_heading = "选项"
    )]
    pub engine_timeout: u64,
}

#[derive(Debug, Args)]
pub(super) struct CertifyOptions {
    #[command(flatten)]
    pub source: SourceOptions,
    #[command(flatten)]
    pub handups: Handups,
    /// 与本机对照的引擎（Apache Spark 或 Sail）
    #[arg(long, value_name = "sc://主机:端口", help_heading = "选项")]
    pub engine: String,
    #[command(flatten)]
    pub tuning: EngineTuning,
    #[command(flatten)]
    pub reports: Reports,
}

#[derive(Debug, Args)]
pub(super) struct RunOptions {
    #[command(flatten)]
    pub source: SourceOptions,
    #[command(flatten)]
    pub handups: Handups,
    /// 不在本机、在这个引擎（Apache Spark 或 Sail）上计算；结果与本机的逐字节相同
    #[arg(long, value_name = "sc://主机:端口", help_heading = "选项")]
    pub engine: Option<String>,
    #[command(flatten)]
    pub tuning: EngineTuning,
    #[command(flatten)]
    pub reports: Reports,
}

#[derive(Debug, Args)]
pub(super) struct CollectOptions {
    #[command(flatten)]
    pub source: SourceOptions,
    /// 上交的数据写到哪里：其下为 <报告期>/<本级代码>
    #[arg(long, value_name = "目录", help_heading = "选项")]
    pub facts: PathBuf,
    /// 连同个人信息栏一起上交（须经批准）；默认只上交能分辨异同的编号
    #[arg(long, help_heading = "选项")]
    pub with_personal: bool,
}

#[derive(Debug, Args)]
pub(super) struct HealthOptions {
    #[command(flatten)]
    pub source: SourceOptions,
    /// 以 JSON 输出
    #[arg(long, help_heading = "选项")]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(super) struct UnitOptions {
    #[command(flatten)]
    pub source: SourceOptions,
    /// 只要这个单位的，写名称、简称或代码
    #[arg(long, value_name = "单位", help_heading = "选项")]
    pub unit: Option<String>,
    #[command(flatten)]
    pub reports: Reports,
}

#[derive(Debug, Args)]
pub(super) struct TemplateOptions {
    #[command(flatten)]
    pub source: SourceOptions,
    /// 只要这个单位的，写名称、简称或代码
    #[arg(long, value_name = "单位", help_heading = "选项")]
    pub unit: Option<String>,
    /// 输出目录，表样放在其下以报告期命名的文件夹，默认 templates
    #[arg(
        long,
        value_name = "目录",
        default_value_os_t = workspace::place("templates"),
        hide_default_value = true,
        help_heading = "选项"
    )]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct PlanOptions {
    #[command(flatten)]
    pub source: SourceOptions,
    /// 改过的管线目录；与 --pipeline 的比较
    #[arg(long, value_name = "目录", required = true, help_heading = "选项")]
    pub to: PathBuf,
    /// 列出每一项变动
    #[arg(long, help_heading = "选项")]
    pub all: bool,
    /// 以 JSON 输出
    #[arg(long, help_heading = "选项", conflicts_with = "all")]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(super) struct FreezeOptions {
    /// 报告期，如 2013-10
    #[arg(value_name = "报告期", help_heading = "参数")]
    pub of: String,
    #[command(flatten)]
    pub source: SourceOptions,
    /// 有未报、退回的也定稿：单位、“单位/报表”或“全县”，每个写一次，后面跟 --why
    #[arg(long, value_name = "单位[/报表]", help_heading = "选项")]
    pub except: Vec<String>,
    /// 对应的 --except 的理由
    #[arg(long, value_name = "理由", help_heading = "选项")]
    pub why: Vec<String>,
    #[command(flatten)]
    pub reports: Reports,
}

#[derive(Debug, Args)]
pub(super) struct CheckOptions {
    #[command(flatten)]
    pub source: SourceOptions,
    #[command(flatten)]
    pub reports: Reports,
    /// 在屏幕上列出全部审核意见
    #[arg(long, help_heading = "选项")]
    pub all: bool,
    /// 以 JSON 输出；不登记收件，不写任何文件
    #[arg(long, help_heading = "选项", conflicts_with = "all")]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// 用原始报表重算，核对报告：0 相同，1 不同，2 无法核对
    #[command(help_template = TEMPLATE, override_usage = "dangtong audit verify [选项] <报告目录>")]
    Verify(VerifyOptions),
    /// 打开一个数字或一条问题：定义、分子分母的单元格和未计入的单位
    #[command(help_template = TEMPLATE, override_usage = "dangtong audit trace [选项] <报告目录> <编号>")]
    Trace(TraceOptions),
    /// 比较两份报告：每个变动的数字各因什么而变（程序、审核、定义、更正、补报、实际变化）
    #[command(help_template = TEMPLATE, override_usage = "dangtong audit compare [选项] <旧报告> <新报告>")]
    Compare(CompareOptions),
}

#[derive(Debug, Args)]
pub(super) struct VerifyOptions {
    /// 报告目录，如 reports/2013-10
    #[arg(value_name = "报告目录", help_heading = "参数")]
    pub report: PathBuf,
    #[command(flatten)]
    pub made_from: MadeFrom,
    /// 以 JSON 输出
    #[arg(long, help_heading = "选项")]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(super) struct CompareOptions {
    /// 旧报告目录
    #[arg(value_name = "旧报告", help_heading = "参数")]
    pub old: PathBuf,
    /// 新报告目录
    #[arg(value_name = "新报告", help_heading = "参数")]
    pub new: PathBuf,
    /// 新报告所用的报表目录，默认工作文件夹的 returns，不在工作文件夹里的是 sample-data/<管线>/returns
    #[arg(long, value_name = "目录", help_heading = "选项")]
    pub returns: Option<PathBuf>,
    /// 新报告所用的管线目录，默认工作文件夹的 pipeline，不在工作文件夹里的是 pipelines/<管线>
    #[arg(long, value_name = "目录", help_heading = "选项")]
    pub pipeline: Option<PathBuf>,
    /// 旧报告所用的报表目录，默认与新报告同
    #[arg(long, value_name = "目录", help_heading = "选项")]
    pub old_returns: Option<PathBuf>,
    /// 旧报告所用的管线目录，默认与新报告同
    #[arg(long, value_name = "目录", help_heading = "选项")]
    pub old_pipeline: Option<PathBuf>,
    /// 以 JSON 输出
    #[arg(long, help_heading = "选项")]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(super) struct TraceOptions {
    /// 报告目录，如 reports/2013-10
    #[arg(value_name = "报告目录", help_heading = "参数")]
    pub report: PathBuf,
    /// 指标值或问题的编号，见 figures.csv、problems.csv 第一列
    #[arg(value_name = "编号", help_heading = "参数")]
    pub figure_id: String,
    #[command(flatten)]
    pub made_from: MadeFrom,
    /// 只看报告当时所记，不用原始报表重算（被改动过的报告仍不打开）
    #[arg(long, help_heading = "选项")]
    pub as_recorded: bool,
    /// 以 JSON 输出
    #[arg(long, help_heading = "选项")]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ExplainOptions {
    /// 审核编号、指标、诊断、报表、工作项目或代码表的编号
    #[arg(value_name = "编号", help_heading = "参数")]
    pub id: String,
    /// 连同用到的报表、代码表一起说明
    #[arg(long, help_heading = "选项")]
    pub full: bool,
    #[command(flatten)]
    pub pipeline: PipelineOption,
}

#[derive(Debug, Args)]
pub(super) struct ListOptions {
    /// 列什么
    #[arg(
        value_enum,
        value_name = "类别",
        help_heading = "参数",
        hide_possible_values = true,
        help = "programmes 工作项目 | forms 报表 | checks 审核 | builtins 内置审核 | indicators 指标 | diagnoses 诊断 | units 单位 | codelists 代码表"
    )]
    pub what: ListKind,
    #[command(flatten)]
    pub pipeline: PipelineOption,
    /// 以 JSON 输出
    #[arg(long, help_heading = "选项")]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(super) struct FmtOptions {
    #[command(flatten)]
    pub pipeline: PipelineOption,
    /// 只检查，不改；有不统一的退出码为 1
    #[arg(long, help_heading = "选项")]
    pub check: bool,
}

#[derive(Debug, Args)]
pub(super) struct DocsOptions {
    #[command(flatten)]
    pub pipeline: PipelineOption,
    /// 输出目录，默认 docs
    #[arg(
        long,
        value_name = "目录",
        default_value_os_t = workspace::place("docs"),
        hide_default_value = true,
        help_heading = "选项"
    )]
    pub out: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum ListKind {
    Programmes,
    Forms,
    Checks,
    Builtins,
    Indicators,
    Diagnoses,
    Units,
    Codelists,
}

/// Prints help or a usage error; the library's English becomes our users' Chinese.
pub(super) fn report(error: &clap::Error) -> ExitCode {
    let of = |kind: ContextKind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let hint = |words: &str, kind: ContextKind| match of(kind).as_str() {
        "" => String::new(),
        listed => format!("，{words} {listed}"),
    };
    let message = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            super::terminal::block(&error.render().to_string());
            return ExitCode::SUCCESS;
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            tell!("{}", error.render().to_string().trim_end());
            return ExitCode::from(2);
        }
        ErrorKind::UnknownArgument => {
            let hint = hint("是不是", ContextKind::SuggestedArg);
            format!("没有选项或参数 “{}”{hint}", of(ContextKind::InvalidArg))
        }
        ErrorKind::InvalidSubcommand => {
            let hint = hint("是不是", ContextKind::SuggestedSubcommand);
            format!("没有命令 “{}”{hint}", of(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => format!("缺少 {}", of(ContextKind::InvalidArg)),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let (name, value) = (of(ContextKind::InvalidArg), of(ContextKind::InvalidValue));
            format!("{name} 的取值 “{value}” 不对{}", hint("可用的有", ContextKind::ValidValue))
        }
        _ => error.render().to_string(),
    };
    tell!("错误：{message}\n用 --help 查看用法");
    ExitCode::from(2)
}
