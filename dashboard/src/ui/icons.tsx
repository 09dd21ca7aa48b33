import type { ReactNode } from "react";

interface IconProps {
  readonly size?: number;
}

/** Line icons on a 20-unit grid. All are decoration: whoever uses one gives the words. */
function Svg({ size = 18, children }: IconProps & { readonly children: ReactNode }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

export const HomeIcon = (props: IconProps) => (
  <Svg {...props}>
    {" "}
    <path d="M3.5 9 10 3.5 16.5 9v7a.5.5 0 0 1-.5.5h-3.5V12h-5v4.5H4a.5.5 0 0 1-.5-.5z" />
  </Svg>
);
export const LiveIcon = (props: IconProps) => (
  <Svg {...props}>
    {" "}
    <path d="M6.5 13.5a5 5 0 0 1 0-7M13.5 6.5a5 5 0 0 1 0 7M4 16a8.5 8.5 0 0 1 0-12M16 4a8.5 8.5 0 0 1 0 12M10 9.9v.2" />
  </Svg>
);
export const ConversationsIcon = (props: IconProps) => (
  <Svg {...props}>
    {" "}
    <path d="M4 4h12a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H9l-4 3v-3H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM6.5 7.5h7M6.5 10.5h4.5" />
  </Svg>
);
export const AgentIcon = (props: IconProps) => (
  <Svg {...props}>
    {" "}
    <rect x="4" y="7" width="12" height="9" rx="2" />
    <path d="M10 4v3M7.5 11v1M12.5 11v1M2.5 10.5v2M17.5 10.5v2M10 3.6v.1" />
  </Svg>
);
export const UserIcon = (props: IconProps) => (
  <Svg {...props}>
    {" "}
    <circle cx="10" cy="7" r="3" />
    <path d="M4 16.5c.6-3 3-4.5 6-4.5s5.4 1.5 6 4.5" />
  </Svg>
);
export const SearchIcon = (props: IconProps) => (
  <Svg {...props}>
    {" "}
    <circle cx="9" cy="9" r="5" />
    <path d="m13 13 4 4" />
  </Svg>
);
export const ChevronIcon = (props: IconProps) => (
  <Svg {...props}>
    <path d="m6 8 4 4 4-4" />
  </Svg>
);
export const BackIcon = (props: IconProps) => (
  <Svg {...props}>
    <path d="M12 5 7 10l5 5" />
  </Svg>
);
export const CloseIcon = (props: IconProps) => (
  <Svg {...props}>
    <path d="m5.5 5.5 9 9m0-9-9 9" />
  </Svg>
);
export const PanelIcon = (props: IconProps) => (
  <Svg {...props}>
    {" "}
    <rect x="3" y="4" width="14" height="12" rx="1.5" />
    <path d="M12.5 4v12" />
  </Svg>
);
export const SendIcon = (props: IconProps) => (
  <Svg {...props}>
    <path d="M10 16V4.5M5 9.5l5-5 5 5" />
  </Svg>
);
export const CheckIcon = (props: IconProps) => (
  <Svg {...props}>
    <path d="m4.5 10.5 3.5 3.5 7.5-8" />
  </Svg>
);
export const DoubleCheckIcon = (props: IconProps) => (
  <Svg {...props}>
    <path d="m2 10.5 3.5 3.5 7-8M9.5 13.5l.5.5 7.5-8" />
  </Svg>
);
export const ClockIcon = (props: IconProps) => (
  <Svg {...props}>
    {" "}
    <circle cx="10" cy="10" r="6.5" />
    <path d="M10 6.5V10l2.5 1.5" />
  </Svg>
);
export const WarnIcon = (props: IconProps) => (
  <Svg {...props}>
    <path d="M10 3.5 2.5 16.5h15zM10 8.5v3.5M10 14.200v.1" />
  </Svg>
);
export const CopyIcon = (props: IconProps) => (
  <Svg {...props}>
    {" "}
    <rect x="7" y="7" width="9" height="9" rx="1.5" />
    <path d="M13 4.5A.5.5 0 0 0 12.5 4h-8a.5.5 0 0 0-.5.5v8a.5.5 0 0 0 .5.5" />
  </Svg>
);
export const PlusIcon = (props: IconProps) => (
  <Svg {...props}>
    <path d="M10 4.5v11M4.5 10h11" />
  </Svg>
);
export const TrashIcon = (props: IconProps) => (
  <Svg {...props}>
    <path d="M4 6h12M8 6V4h4v2M5.5 6l.7 10h7.6l.7-10" />
  </Svg>
);
export const BookIcon = (props: IconProps) => (
  <Svg {...props}>
    {" "}
    <path d="M10 5.5c-2-1.3-4.300-1.5-6.5-1v11c2.200-.5 4.5-.3 6.5 1 2-1.300 4.300-1.5 6.5-1v-11c-2.200-.5-4.5-.3-6.5 1zm0 0v11" />
  </Svg>
);
export const PackageIcon = (props: IconProps) => (
  <Svg {...props}>
    <path d="M10 3 16.5 6.5v7L10 17l-6.5-3.5v-7zM3.5 6.5 10 10l6.5-3.5M10 10v7" />
  </Svg>
);
export const PaletteIcon = (props: IconProps) => (
  <Svg {...props}>
    <path d="M10 3a7 7 0 1 0 0 14c1.5 0 1.5-1.2 1-2-.6-1.1.1-2.3 1.5-2.3H15a2 2 0 0 0 2-2C17 6.3 13.9 3 10 3zM6.5 9.5v.1M8.5 6.5v.1M12 6.5v.1" />
  </Svg>
);
export const GlobeIcon = (props: IconProps) => (
  <Svg {...props}>
    <circle cx="10" cy="10" r="6.5" />
    <path d="M3.5 10h13M10 3.5c4.5 4 4.5 9 0 13-4.5-4-4.5-9 0-13z" />
  </Svg>
);
export const MailIcon = (props: IconProps) => (
  <Svg {...props}>
    <rect x="3" y="5" width="14" height="10.5" rx="1.5" />
    <path d="m3.5 6 6.5 5 6.5-5" />
  </Svg>
);
export const HookIcon = (props: IconProps) => (
  <Svg {...props}>
    <path d="M8.3 11.7 6 15.4M10 5.5l2.6 4.6M7.5 15.5h6" />
    <circle cx="9" cy="5" r="2" />
    <circle cx="5" cy="15.5" r="2" />
    <circle cx="15" cy="14" r="2" />
  </Svg>
);
export const KeywordIcon = (props: IconProps) => (
  <Svg {...props}>
    <path d="M4 5.5h12M4 10h4M4 14.5h3M15.6 15.6 17.5 17.5" />
    <circle cx="13" cy="12.5" r="3.6" />
  </Svg>
);
export const LogIcon = (props: IconProps) => (
  <Svg {...props}>
    <path d="M7.5 5.5H17M7.5 10H17M7.5 14.5H17M3.8 5.5v.1M3.8 10v.1M3.8 14.5v.1" />
  </Svg>
);
export const MatrixIcon = (props: IconProps) => (
  <Svg {...props}>
    <rect x="3.5" y="3.5" width="13" height="13" rx="1.5" />
    <path d="M3.5 8h13M8 3.5v13M12.3 8v8.5M3.5 12.3h13" />
  </Svg>
);
export const SlidersIcon = (props: IconProps) => (
  <Svg {...props}>
    <path d="M3.5 6.5h6M13.5 6.5h3M3.5 13.5h3M10.5 13.5h6" />
    <circle cx="11.5" cy="6.5" r="2" />
    <circle cx="8.5" cy="13.5" r="2" />
  </Svg>
);
export const ImageIcon = (props: IconProps) => (
  <Svg {...props}>
    <rect x="3" y="4" width="14" height="12" rx="1.5" />
    <path d="m3.5 14 4-4 3 3 2.5-2.5 3.5 3.5M12.5 7.5v.1" />
  </Svg>
);
export const DownloadIcon = (props: IconProps) => (
  <Svg {...props}>
    <path d="M10 3.5V12M6.5 8.5 10 12l3.5-3.5M4 15.5h12" />
  </Svg>
);
export const ClipIcon = (props: IconProps) => (
  <Svg {...props}>
    <path d="m15.500 9.500-5.700 5.700a3.400 3.400 0 0 1-4.800-4.800l6.100-6.100a2.300 2.300 0 0 1 3.200 3.200l-6 6a1.100 1.100 0 0 1-1.600-1.600L12 6.600" />
  </Svg>
);
export const FileIcon = (props: IconProps) => (
  <Svg {...props}>
    <path d="M11.500 3H6a1 1 0 0 0-1 1v12a1 1 0 0 0 1 1h8a1 1 0 0 0 1-1V6.500zM11.500 3v3.500H15" />
  </Svg>
);
export const BellIcon = (props: IconProps) => (
  <Svg {...props}>
    {" "}
    <path d="M5.5 8.5a4.5 4.5 0 0 1 9 0c0 4 1.5 5 1.5 5H4s1.5-1 1.5-5M8.5 16.5h3" />
  </Svg>
);
export const BuildingIcon = (props: IconProps) => (
  <Svg {...props}>
    {" "}
    <path d="M5 17V3.5h10V17M3 17h14M8 7h1M11 7h1M8 10h1M11 10h1M9 17v-3.5h2V17" />
  </Svg>
);
export const InboxIcon = (props: IconProps) => (
  <Svg {...props}>
    <path d="M3 11.5 5.5 4h9l2.5 7.5V16H3zM3 11.5h4l1 2h4l1-2h4" />
  </Svg>
);
export const LockIcon = (props: IconProps) => (
  <Svg {...props}>
    {" "}
    <rect x="4.5" y="9" width="11" height="7.5" rx="1.5" />
    <path d="M7 9V6.5a3 3 0 0 1 6 0V9" />
  </Svg>
);
export const PeopleIcon = (props: IconProps) => (
  <Svg {...props}>
    {" "}
    <circle cx="7.5" cy="7" r="2.5" />
    <path d="M2.5 16c.4-2.7 2.6-4 5-4s4.6 1.3 5 4M12.5 4.7a2.5 2.5 0 0 1 0 4.6M14.5 12.3c1.7.5 2.800 1.800 3 3.7" />
  </Svg>
);
export const RosterIcon = (props: IconProps) => (
  <Svg {...props}>
    <circle cx="7.5" cy="7" r="2.5" />
    <path d="M2.5 16c.4-2.7 2.6-4 5-4 1.3 0 2.5.4 3.4 1.1M12.5 14l1.700 1.700 3.3-3.700" />
  </Svg>
);
export const DotsIcon = (props: IconProps) => (
  <Svg {...props}>
    <path d="M5 10h.01M10 10h.01M15 10h.01" strokeWidth="2.5" />
  </Svg>
);
export const EyeIcon = (props: IconProps) => (
  <Svg {...props}>
    {" "}
    <path d="M2.5 10S5 5 10 5s7.5 5 7.5 5-2.5 5-7.5 5-7.5-5-7.5-5z" />
    <circle cx="10" cy="10" r="2.2" />
  </Svg>
);
export const GripIcon = (props: IconProps) => (
  <Svg {...props}>
    <path d="M7.5 5h.01M12.5 5h.01M7.5 10h.01M12.5 10h.01M7.5 15h.01M12.5 15h.01" strokeWidth="2" />
  </Svg>
);

export const CalendarIcon = (props: IconProps) => (
  <Svg {...props}>
    <rect x="4" y="5" width="16" height="15" rx="2" />
    <path d="M4 10h16M8 3v4M16 3v4" />
  </Svg>
);
export const GearIcon = (props: IconProps) => (
  <Svg {...props}>
    {" "}
    <circle cx="10" cy="10" r="2.5" />
    <path d="M10 3v1.8M10 15.2V17M3 10h1.8M15.2 10H17M5.1 5.1l1.2 1.2M13.7 13.7l1.2 1.2M14.9 5.1l-1.2 1.2M6.3 13.7l-1.2 1.2" />
    <circle cx="10" cy="10" r="5.2" />
  </Svg>
);
export const SoundIcon = (props: IconProps) => (
  <Svg {...props}>
    <path d="M4 8v4h2.5L10 15V5L6.5 8zM13 7.5a3.5 3.5 0 0 1 0 5M15 5.5a6.4 6.4 0 0 1 0 9" />
  </Svg>
);
